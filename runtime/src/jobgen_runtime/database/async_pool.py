"""A connection pool that ends with its event loop, however that ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from weakref import finalize, ref

from psycopg import Error
from psycopg.pq.abc import PGconn

from jobgen_runtime.database.opening import (
    DEADLOCK_CHECK_AFTER,
    MAX_IDLE,
    WAIT_SECONDS,
    connect_parameters,
    owner_of_caller,
    retry_delays,
    unreachable,
)
from jobgen_runtime.database.pool_state import Open, PoolState, Request, deadlocked, timed_out
from jobgen_runtime.database.pooled_connections import PooledAsyncConnection
from jobgen_runtime.database.rejections import is_rejection

_SWEEP_INTERVAL = 60.0

_Request = Request[PooledAsyncConnection]


class AsyncPool:
    """Open connections as they are needed, up to `size`, and lend them.

    The pool has no task. A timer of the event loop is the only thing that keeps it alive, so it
    goes with the loop, closed or dropped, and closes its connections then.

    Attributes:
        pid: The process that opened it. A forked child must not use its connections.
        is_closed: Whether `close` was called.
    """

    def __init__(self, conninfo: str, size: int) -> None:
        """Create a pool for the running event loop."""
        self.pid = os.getpid()
        self._conninfo = conninfo
        self._state: PoolState[PooledAsyncConnection] = PoolState(size)
        self._open: set[PGconn] = set()
        self.is_closed = False
        self._has_connected = False
        _Anchor(self, self._open).hold()

    @asynccontextmanager
    async def connection(
        self,
        timeout: float = WAIT_SECONDS,  # noqa: ASYNC109 -- as psycopg's pools have it
    ) -> AsyncIterator[PooledAsyncConnection]:
        """Lend a connection in autocommit mode to code that may do anything with it.

        A transaction that is still open at the end is committed, or rolled back after an error.

        Args:
            timeout: Seconds to wait for a connection.

        Raises:
            NoDatabase: The database rejects the connection, or has never answered.
            NoFreeConnection: No connection is free in time, or none ever could be.
        """
        async with self._request(lends=True, seconds=timeout) as conn:
            try:
                yield conn
            except BaseException:
                with suppress(Error):
                    await conn.rollback()
                raise
            if not conn.closed:
                await conn.commit()

    @asynccontextmanager
    async def for_statements(self) -> AsyncIterator[PooledAsyncConnection]:
        """Use a connection for statements that do not wait for another connection.

        Raises:
            NoDatabase: The database rejects the connection, or has never answered.
            NoFreeConnection: No connection is free in time.
        """
        async with self._request(lends=False, seconds=WAIT_SECONDS) as conn:
            yield conn

    def close(self) -> None:
        """Close the idle connections now, and the others when they are returned."""
        self.is_closed = True
        self.close_idle()

    def close_idle(self, *, unused_for: float = 0.0) -> None:
        """Close the connections that have not been used for so long. Thread-safe."""
        before = monotonic() - unused_for
        for conn in self._state.take_idle(lambda conn: conn.idle_since <= before):
            self._finish(conn)

    @asynccontextmanager
    async def _request(
        self, *, lends: bool, seconds: float
    ) -> AsyncIterator[PooledAsyncConnection]:
        request = _Request(owner_of_caller(asyncio.current_task()), lends)
        try:
            conn = await self._acquire(request, seconds)
            try:
                yield conn
            finally:
                await self._put_back(request, conn)
        finally:
            self._state.withdraw(request)

    async def _put_back(self, request: _Request, conn: PooledAsyncConnection) -> None:
        """Make the connection as new, or close it if that is not possible."""
        clean: PooledAsyncConnection | None = None
        try:
            if not (self.is_closed or conn.is_stale()):
                clean = await conn.cleaned(lent=request.lends)
        finally:
            if clean is None or self.is_closed:
                self._finish(conn)
                self._state.withdraw(request, lost=True)
            else:
                clean.idle_since = monotonic()
                request.grant = clean

    async def _acquire(self, request: _Request, seconds: float) -> PooledAsyncConnection:
        deadline = monotonic() + seconds
        delays = retry_delays()
        reason: Exception | None = None
        while True:
            await self._wait(request, seconds, deadline, reason)
            conn = request.grant
            if isinstance(conn, PooledAsyncConnection):
                if await self._is_usable(conn):
                    return conn
                self._finish(conn)
                request.grant = Open.OPEN
            try:
                fresh = await self._connect(deadline)
            except (Error, OSError) as error:
                self._state.withdraw(request, lost=True)
                if not self._has_connected or is_rejection(error):
                    raise unreachable(error) from error
                reason = error
                await asyncio.sleep(min(next(delays), max(deadline - monotonic(), 0)))
            else:
                request.grant = fresh
                self._has_connected = True
                self._state.connected()
                return fresh

    async def _wait(
        self, request: _Request, seconds: float, deadline: float, reason: Exception | None
    ) -> None:
        """Wait until the request is granted."""
        granted = asyncio.Event()
        request.wake = granted.set
        self._state.submit(request)
        while request.grant is None:
            left = deadline - monotonic()
            if left <= 0:
                raise timed_out(self._state, seconds, reason)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, DEADLOCK_CHECK_AFTER)):
                    await granted.wait()
            if request.grant is None and self._state.is_deadlocked_by(request):
                raise deadlocked(self._state)

    async def _connect(self, deadline: float) -> PooledAsyncConnection:
        parameters = connect_parameters(self._conninfo, deadline)
        conn = await PooledAsyncConnection.open(self._conninfo, **parameters)
        self._open.add(conn.pgconn)
        return conn

    async def _is_usable(self, conn: PooledAsyncConnection) -> bool:
        if conn.is_demoted() or conn.is_stale():
            return False
        # Costs no round trip normally, and saves users an error after a restart of the server.
        if conn.is_readable():
            with suppress(Error, OSError):
                await conn.execute("")
            conn.touched = False
        return not conn.closed

    def _finish(self, conn: PooledAsyncConnection) -> None:
        self._open.discard(conn.pgconn)
        conn.pgconn.finish()


class _Anchor:
    """Tie a pool to its event loop: only a timer of the loop refers to this object.

    When the loop is closed it drops its timers. When it is dropped itself, they go with it.
    """

    def __init__(self, pool: AsyncPool, connections: set[PGconn]) -> None:
        self._pool = pool
        self._loop = ref(asyncio.get_running_loop())
        finalize(self, _close_all, connections, os.getpid())

    def hold(self) -> None:
        """Close connections that are not needed any more, and stay with the loop."""
        if self._pool.pid != os.getpid():
            return
        self._pool.close_idle(unused_for=0 if self._pool.is_closed else MAX_IDLE)
        if (loop := self._loop()) is not None:
            loop.call_later(_SWEEP_INTERVAL, self.hold)


def _close_all(connections: set[PGconn], pid: int) -> None:
    # The end of a connection in a forked child would end that of its parent.
    if pid == os.getpid():
        for pgconn in list(connections):
            pgconn.finish()
