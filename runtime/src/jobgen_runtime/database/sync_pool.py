"""The connection pool of synchronous code, shared by the threads of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from weakref import ref

from psycopg import Error

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
from jobgen_runtime.database.pooled_connections import PooledConnection
from jobgen_runtime.database.rejections import is_rejection

_Request = Request[PooledConnection]


class SyncPool:
    """Open connections as they are needed, up to `size`, and lend them; see `AsyncPool`.

    Attributes:
        is_closed: Whether `close` was called.
    """

    def __init__(self, conninfo: str, size: int) -> None:
        """Create a pool for this process."""
        self.is_closed = False
        self._conninfo = conninfo
        self._state: PoolState[PooledConnection] = PoolState(size)
        self._has_connected = False
        self._is_sweeping = False

    @contextmanager
    def connection(self, timeout: float = WAIT_SECONDS) -> Iterator[PooledConnection]:
        """Lend a connection; the synchronous version of `AsyncPool.connection`."""
        with self._request(lends=True, timeout=timeout) as conn:
            try:
                yield conn
            except BaseException:
                with suppress(Error):
                    conn.rollback()
                raise
            if not conn.closed:
                conn.commit()

    @contextmanager
    def for_statements(self) -> Iterator[PooledConnection]:
        """Use a connection; the synchronous version of `AsyncPool.for_statements`."""
        with self._request(lends=False, timeout=WAIT_SECONDS) as conn:
            yield conn

    def close(self) -> None:
        """Close the idle connections now, and the others when they are returned."""
        self.is_closed = True
        self.close_idle()

    def close_idle(self, *, unused_for: float = 0.0) -> None:
        """Close the connections that have not been used for so long."""
        before = monotonic() - unused_for
        for conn in self._state.take_idle(lambda conn: conn.idle_since <= before):
            conn.close()

    @contextmanager
    def _request(self, *, lends: bool, timeout: float) -> Iterator[PooledConnection]:
        request = _Request(owner_of_caller(), lends)
        try:
            conn = self._acquire(request, timeout)
            try:
                yield conn
            finally:
                self._put_back(request, conn)
        finally:
            self._state.withdraw(request)

    def _put_back(self, request: _Request, conn: PooledConnection) -> None:
        """Make the connection as new, or close it if that is not possible."""
        clean: PooledConnection | None = None
        try:
            if not (self.is_closed or conn.is_stale()):
                clean = conn.cleaned(lent=request.lends)
        finally:
            if clean is None or self.is_closed:
                conn.close()
                self._state.withdraw(request, lost=True)
            else:
                clean.idle_since = monotonic()
                request.grant = clean
                self._sweep_later()

    def _acquire(self, request: _Request, timeout: float) -> PooledConnection:
        deadline = monotonic() + timeout
        delays = retry_delays()
        reason: Exception | None = None
        while True:
            self._wait(request, timeout, deadline, reason)
            conn = request.grant
            if isinstance(conn, PooledConnection):
                if _is_usable(conn):
                    return conn
                conn.close()
                request.grant = Open.OPEN
            try:
                parameters = connect_parameters(self._conninfo, deadline)
                fresh = PooledConnection.open(self._conninfo, **parameters)
            except (Error, OSError) as error:
                self._state.withdraw(request, lost=True)
                if not self._has_connected or is_rejection(error):
                    raise unreachable(error) from error
                reason = error
                time.sleep(min(next(delays), max(deadline - monotonic(), 0)))
            else:
                request.grant = fresh
                self._has_connected = True
                self._state.connected()
                return fresh

    def _wait(
        self, request: _Request, timeout: float, deadline: float, reason: Exception | None
    ) -> None:
        """Wait until the request is granted."""
        granted = threading.Event()
        request.wake = granted.set
        self._state.submit(request)
        while request.grant is None:
            left = deadline - monotonic()
            if left <= 0:
                raise timed_out(self._state, timeout, reason)
            if not granted.wait(min(left, DEADLOCK_CHECK_AFTER)) and (
                self._state.is_deadlocked_by(request)
            ):
                raise deadlocked(self._state)

    def _sweep_later(self) -> None:
        """Close connections that have been idle for long."""
        if not self._is_sweeping:
            self._is_sweeping = True
            timer = threading.Timer(MAX_IDLE, _sweep, (ref(self),))
            timer.daemon = True
            timer.start()

    def _sweep(self) -> None:
        self._is_sweeping = False
        self.close_idle(unused_for=MAX_IDLE)
        if self._state.idle:
            self._sweep_later()


def _sweep(pool: ref[SyncPool]) -> None:
    if (found := pool()) is not None:
        found._sweep()  # noqa: SLF001 -- a timer must not keep the pool


def _is_usable(conn: PooledConnection) -> bool:
    if conn.is_demoted() or conn.is_stale():
        return False
    if conn.is_readable():
        with suppress(Error, OSError):
            conn.execute("")
        conn.touched = False
    return not conn.closed
