"""The common part of the asynchronous and the synchronous pool: everything but the waiting."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from psycopg.conninfo import conninfo_to_dict

from jobgen_runtime.database.pool_errors import deadlocked, timed_out
from jobgen_runtime.database.pool_state import PoolState, Request
from jobgen_runtime.database.pooled_session import PooledSession
from jobgen_runtime.database.rejections import connection_failure, is_rejection

WAIT_SECONDS = 30.0
"""How long a caller waits for a connection."""

MAX_IDLE = 600.0
"""Seconds after which an unused session is closed."""

_CHECK_INTERVAL = 1.0
"""Seconds of waiting after which a request checks whether it can ever be granted."""

_LONGEST_RETRY_DELAY = 2.0
"""Seconds between two attempts to connect; the delay doubles with each attempt."""

_SHORTEST_CONNECT_TIMEOUT = 2
"""The shortest one that libpq accepts."""


class BasePool:
    """Open sessions as they are needed, up to `size`.

    Args:
        address: Returns the server's address. It is asked for each session until one is opened, so
            that a wrong address can be corrected. From then on the pool stays with that database.
        size: The most sessions.

    Attributes:
        pid: The process that created it. A forked child must not use its sessions.
        sessions: The sessions that are open; see `close_session`.
        is_closed: Whether `close` was called.
    """

    def __init__(self, address: Callable[[], str], size: int) -> None:
        self.pid = os.getpid()
        self.sessions: set[PooledSession] = set()
        self.is_closed = False
        self._address = address
        self._connected_to: str | None = None
        self._state = PoolState(size)

    def close(self) -> None:
        """Close the idle sessions now, and the others when they are returned."""
        self.is_closed = True
        self.close_idle()

    def close_idle(self, *, unused_for: float = 0.0) -> None:
        """Close the sessions that have not been used for that many seconds. Thread-safe."""
        before = monotonic() - unused_for
        for session in self._state.take_idle(lambda session: session.idle_since <= before):
            self._close_session(session)

    @contextmanager
    def _ending(self, request: Request) -> Iterator[None]:
        """End the request after the block, and keep its session if that can be used again."""
        succeeded = False
        try:
            yield
            succeeded = True
        finally:
            session = request.session
            is_reusable = (
                session is not None
                and not self.is_closed
                # A query that failed may have been a PREPARE.
                and session.reset(keep_prepared=succeeded and not request.lends)
            )
            if not is_reusable:
                self._close_session(session)
            self._state.end(request, is_reusable=is_reusable)

    def _seconds_to_wait(self, request: Request) -> float:
        """Return how long the request is to wait until this is called again.

        Raises:
            NoFreeConnection: It has waited for too long, or would wait for ever.
        """
        now = monotonic()
        if now >= request.deadline:
            raise timed_out(self._state, request) from request.failure
        if now >= request.since + _CHECK_INTERVAL and self._state.is_deadlocked_by(request):
            raise deadlocked(self._state)
        return min(request.deadline - now, _CHECK_INTERVAL)

    def _connection(self, request: Request) -> tuple[str, dict[str, int]]:
        """Return the address, and a time limit unless the address has one.

        Raises:
            NoDatabase: There is no address, or it is invalid.
        """
        address = self._connected_to or self._address()
        if "connect_timeout" in conninfo_to_dict(address):
            return address, {}
        left = round(request.deadline - monotonic())
        return address, {"connect_timeout": max(_SHORTEST_CONNECT_TIMEOUT, left)}

    def _opened(self, request: Request, session: PooledSession, address: str) -> None:
        self._connected_to = address
        self.sessions.add(session)
        self._state.opened(request, session)

    def _failed(self, request: Request, error: Exception) -> float:
        """Return how long to wait before the next attempt to connect.

        Raises:
            NoDatabase: The database rejects the connection, or has never answered.
            NoFreeConnection: The request has waited for too long.
        """
        self._state.end(request)
        if self._connected_to is None or is_rejection(error):
            raise connection_failure(error) from error
        request.failure = error
        if monotonic() >= request.deadline:
            raise timed_out(self._state, request) from error
        delay = min(request.retry_delay, max(request.deadline - monotonic(), 0))
        request.retry_delay = min(2 * request.retry_delay, _LONGEST_RETRY_DELAY)
        return delay

    def _drop(self, request: Request) -> None:
        """Close the request's session, which cannot be used any more."""
        self._close_session(request.session)
        self._state.end(request)

    def _close_session(self, session: PooledSession | None) -> None:
        if session is not None:
            close_session(self.sessions, session)


def close_session(sessions: set[PooledSession], session: PooledSession) -> None:
    """Close a session of a pool, unless another thread has removed it from `sessions`.

    A thread that closes an event loop and one that closes idle sessions may pick the same one.
    libpq crashes if both close it at once, so the thread that removes it closes it.
    """
    try:
        sessions.remove(session)
    except KeyError:
        return
    session.close()
