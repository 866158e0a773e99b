"""The connection pool of an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.contract.context import current_job
from jobgen_runtime.database.base_pool import WAIT_SECONDS, BasePool
from jobgen_runtime.database.pool_state import Request
from jobgen_runtime.database.pooled_session import PooledSession


class AsyncPool(BasePool):
    """Lend connections to the tasks of one event loop; see `BasePool`.

    The pool starts no task: a task is lost with a loop that is closed or dropped.
    """

    @asynccontextmanager
    async def connection(
        self,
        timeout: float = WAIT_SECONDS,  # noqa: ASYNC109 -- as psycopg's pools have it
    ) -> AsyncIterator[AsyncConnection[Any]]:
        """Lend a connection in autocommit mode to code that may do anything with it.

        A transaction that is still open at the end is committed, or rolled back after an error.

        Args:
            timeout: Seconds to wait for a connection.

        Raises:
            NoDatabase: The database rejects the connection, or has never answered.
            NoFreeConnection: No connection is free in time, or none ever could be.
        """
        async with self._borrow(lends=True, seconds=timeout) as conn, conn:
            yield conn

    @asynccontextmanager
    async def for_statements(self) -> AsyncIterator[AsyncConnection[Any]]:
        """Use a connection for statements that do not wait for another connection.

        Raises:
            NoDatabase: The database rejects the connection, or has never answered.
            NoFreeConnection: No connection is free in time.
        """
        async with self._borrow(lends=False, seconds=WAIT_SECONDS) as conn:
            yield conn

    @asynccontextmanager
    async def _borrow(self, *, lends: bool, seconds: float) -> AsyncIterator[AsyncConnection[Any]]:
        granted = asyncio.Event()
        owner = current_job.get() or asyncio.current_task()
        request = Request(owner, lends, seconds, granted.set)
        with self._ending(request):
            session = await self._acquire(request, granted)
            yield session.lend(AsyncConnection)

    async def _acquire(self, request: Request, granted: asyncio.Event) -> PooledSession:
        while True:
            granted.clear()
            self._state.submit(request)
            while not request.is_granted:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds_to_wait(request)):
                        await granted.wait()
            if request.session is None:
                await self._open(request)
            if request.session is not None and await request.session.is_ready():
                return request.session
            self._drop(request)

    async def _open(self, request: Request) -> None:
        address, parameters = self._connection(request)
        try:
            session = await PooledSession.open(address, **parameters)
        except (Error, OSError) as error:
            await asyncio.sleep(self._failed(request, error))
        else:
            self._opened(request, session, address)
