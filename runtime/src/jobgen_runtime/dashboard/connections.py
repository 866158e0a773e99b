"""Database connections for requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from jobgen_runtime import database
from jobgen_runtime.dashboard.statements import statement
from jobgen_runtime.dashboard.times import Moment
from jobgen_runtime.database.address import target_primary
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.loop_pools import LoopPools

STATEMENT_TIMEOUT = "15s"
WAIT_SECONDS = 10.0
POOL_SIZE = 4


class ConnectionPool(Protocol):
    """A pool like `psycopg_pool.AsyncConnectionPool`, or like those of the records."""

    def connection(self, timeout: float = ...) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """Lend a connection.

        Args:
            timeout: Seconds to wait for it.
        """


@dataclass(frozen=True)
class Session:
    """A connection in a transaction, and the database's time at its start."""

    conn: AsyncConnection[Any]
    now: Moment


class Connections:
    """Pools, opened when a request first needs one: a mounted application gets no start-up event.

    `pool` is the application's own, `conninfo` the address of a database other than the records'.
    Without either, the dashboard shares the records' pool.
    """

    def __init__(self, pool: ConnectionPool | None, conninfo: str | None) -> None:
        if pool is not None and conninfo is not None:
            raise ValueError("JobsDashboard takes a pool or a conninfo, not both.")
        self._pool = pool
        self._conninfo = conninfo
        self._opened = LoopPools(
            lambda: AsyncPool(lambda: target_primary(conninfo or ""), POOL_SIZE)
        )

    async def _current(self) -> ConnectionPool:
        if self._pool is not None:
            return self._pool
        if self._conninfo is None:
            return await database.pool()
        return self._opened.get()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Open a transaction that is committed at the end, or rolled back on an error."""
        pool = await self._current()
        async with pool.connection(timeout=WAIT_SECONDS) as conn, conn.transaction():
            async with conn.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(
                    statement("begin_session"), {"statement_timeout": STATEMENT_TIMEOUT}
                )
                (epoch, *_) = (await cursor.fetchall())[0]
            yield Session(conn, Moment(epoch))

    async def close(self) -> None:
        """Close the pool that was opened on the running event loop, if any."""
        self._opened.close()
