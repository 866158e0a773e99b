"""Assign the sessions of a pool to requests, in order: the part of a pool that does no I/O."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic

from psycopg.pq import TransactionStatus

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.database.pooled_session import PooledSession

_SHOWN = 3
"""How many holders of connections an error names."""


@dataclass(eq=False)
class Request:
    """The use of one session, from the wait for it until its return.

    Attributes:
        owner: The attempt, task or thread that asks.
        lends: Whether code of the user gets the connection, which may keep it as long as it likes.
            Otherwise one call of the runtime uses it, which never waits for another connection.
        seconds: How long it may wait.
        wake: Called, in any thread, when the request is granted.
        is_granted: Whether it has its session, or is to open one.
        session: The session; None while it waits for one or opens one.
        since: When it was made, or granted.
        retry_delay: Seconds to wait after the next failure to connect.
        failure: Why the latest attempt to connect failed.
    """

    owner: Hashable
    lends: bool
    seconds: float
    wake: Callable[[], object]
    is_granted: bool = False
    session: PooledSession | None = None
    since: float = field(default_factory=monotonic)
    retry_delay: float = 0.1
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.deadline = self.since + self.seconds


class PoolState:
    """Share at most `size` sessions among requests, in the order of the requests.

    At most all but one of the sessions are lent, if there are several. So a transaction that needs
    a second one for a single statement gets it eventually, however many transactions wait for one.
    Thread-safe.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._idle: list[PooledSession] = []
        self._open = 0
        self._is_opening = False
        self._lent: list[Request] = []
        self._waiting: list[Request] = []
        self._lock = threading.Lock()

    def submit(self, request: Request) -> None:
        """Let the request wait for its turn, which may be now."""
        with self._lock:
            self._waiting.append(request)
            self._serve()

    def opened(self, request: Request, session: PooledSession) -> None:
        """Note the session that the request has opened, so that the next one may open another."""
        with self._lock:
            request.session = session
            self._is_opening = False
            self._serve()

    def end(self, request: Request, *, is_reusable: bool = False) -> None:
        """End the request, whatever its state; it may be submitted again.

        Args:
            request: The request.
            is_reusable: Whether its session becomes idle. Otherwise it is closed, if there is one.
        """
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
            if request in self._lent:
                self._lent.remove(request)
            if request.session is not None and is_reusable:
                self._idle.append(request.session)
            elif request.is_granted:
                self._open -= 1
                self._is_opening = self._is_opening and request.session is not None
            request.is_granted, request.session = False, None
            self._serve()

    def take_idle(self, condition: Callable[[PooledSession], bool]) -> list[PooledSession]:
        """Remove and return the idle sessions that meet the condition."""
        with self._lock:
            taken = [session for session in self._idle if condition(session)]
            self._idle = [session for session in self._idle if session not in taken]
            self._open -= len(taken)
            return taken

    def is_deadlocked_by(self, request: Request) -> bool:
        """Return whether all holders of sessions wait for another one, so that none is released.

        True only for a request whose owner holds a session: its error releases that session.
        """
        with self._lock:
            if len(self._lent) < self._most_lent:
                return False
            stuck = {waiting.owner for waiting in self._waiting if waiting.lends or self.size == 1}
            return any(lent.owner == request.owner for lent in self._lent) and all(
                lent.owner in stuck and not _is_executing(lent) for lent in self._lent
            )

    def describe(self) -> str:
        """Return who holds the sessions, for an error."""
        with self._lock:
            lent, waiting = list(self._lent), len(self._waiting)
        holders = [
            f"{_name(request.owner)} (for {monotonic() - request.since:.0f} s)"
            for request in lent[:_SHOWN]
        ]
        if len(lent) > _SHOWN:
            holders.append(f"{len(lent) - _SHOWN} more")
        held = f"{len(lent)} of {self.size} are held by transactions of this process"
        return f"{held}: {', '.join(holders) or 'none'}; {waiting} requests wait"

    @property
    def _most_lent(self) -> int:
        return max(1, self.size - 1)

    def _serve(self) -> None:
        for request in list(self._waiting):
            if self._grant(request):
                self._waiting.remove(request)
                request.wake()

    def _grant(self, request: Request) -> bool:
        if request.lends and len(self._lent) >= self._most_lent:
            return False
        if self._idle:
            request.session = self._idle.pop()
        elif self._open < self.size and not self._is_opening:
            # One at a time: statements are short, and most bursts need few sessions.
            self._is_opening = True
            self._open += 1
        else:
            return False
        request.is_granted = True
        if request.lends:
            request.since = monotonic()
            self._lent.append(request)
        return True


def _is_executing(request: Request) -> bool:
    """Return whether a statement runs in the request's session, so that it is not stuck."""
    session = request.session
    return session is not None and (session.pgconn.transaction_status == TransactionStatus.ACTIVE)


def _name(owner: Hashable) -> str:
    return str(owner) if isinstance(owner, JobContext) else "code outside of jobs"
