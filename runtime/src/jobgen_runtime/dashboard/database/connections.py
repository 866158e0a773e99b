"""Database connections for requests: few, for a short time, and none of the application's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.database.address import database_url, target_primary
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.loop_pools import LoopPools

POOL_SIZE = 4
"""The most connections of the dashboard in a process. It lends all but one of them at a time."""

WAIT_SECONDS = 3.0
"""How long a request waits for one of them."""

PAGE_SECONDS = 10.0
"""How long a page may take, and a statement of a change."""

PART_SECONDS = 2.0
"""How long one of several parts of a page may take."""

READ_LOCK_TIMEOUT = "300ms"
"""How long a page waits for a table that a migration has locked."""

WRITE_LOCK_TIMEOUT = "2s"
"""How long a change waits for a row or table that another transaction has locked."""


class ConnectionPool(Protocol):
    """A pool like `psycopg_pool.AsyncConnectionPool`, or like those of the records."""

    def connection(self, timeout: float = ...) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """Lend a connection.

        Args:
            timeout: Seconds to wait for it.
        """


class TimeIsUp(Exception):
    """The other parts of the page have used up its time."""


@dataclass(frozen=True)
class Session:
    """A connection in a transaction, and the database's time at its start."""

    conn: AsyncConnection[Any]
    now: Moment
    deadline: float
    """When no further part of a page is begun, by `time.monotonic()`."""

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """Read a part of the page in a savepoint, for at most PART_SECONDS.

        Raises:
            TimeIsUp: It was not begun.
            TimeoutError: It took too long.
        """
        left = min(self.deadline - monotonic(), PART_SECONDS)
        if left <= 0:
            raise TimeIsUp
        async with asyncio.timeout(left), self.conn.transaction():
            yield


class Connections:
    """Pools, opened when a request first needs one: a mounted application gets no start-up event.

    `pool` is the application's own, `conninfo` the address of a database other than the records'.
    The records' pool is not used: slow pages must not take connections away from the application.
    """

    def __init__(
        self, pool: ConnectionPool | None, conninfo: str | None, *, read_only: bool
    ) -> None:
        if pool is not None and conninfo is not None:
            raise ValueError("JobsDashboard takes a pool or a conninfo, not both.")
        self._pool = pool
        self._read_only = read_only

        def address() -> str:
            return target_primary(database_url() if conninfo is None else conninfo)

        self._opened = LoopPools(lambda: AsyncPool(address, POOL_SIZE))

    @asynccontextmanager
    async def session(self, *, writes: bool) -> AsyncIterator[Session]:
        """Open a transaction that is committed at the end, or rolled back on an error.

        Args:
            writes: Whether it may change something. Otherwise it ends after PAGE_SECONDS.

        Raises:
            TimeoutError: It did not write, and has taken too long.
        """
        deadline = monotonic() + PAGE_SECONDS - PART_SECONDS
        pool = self._pool or self._opened.get()
        async with (
            asyncio.timeout(None if writes else PAGE_SECONDS),
            pool.connection(timeout=WAIT_SECONDS) as conn,
            conn.transaction(),
        ):
            async with conn.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(
                    statement("begin_session"),
                    {
                        "statement_timeout": f"{PAGE_SECONDS * 1000:.0f}",
                        "read_only": self._read_only,
                        "lock_timeout": WRITE_LOCK_TIMEOUT if writes else READ_LOCK_TIMEOUT,
                    },
                )
                (epoch, *_) = (await cursor.fetchall())[0]
            yield Session(conn, Moment(epoch), deadline)

    async def close(self) -> None:
        """Close the pool that was opened on the running event loop, if any."""
        self._opened.close()
