"""Who has the connections of a pool, and who is next: the part of a pool that does no I/O."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import Generic, TypeVar

from psycopg_pool import PoolTimeout

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.errors import JobgenRuntimeError

C = TypeVar("C")

_SHOWN = 3
"""How many holders of connections an error names."""


class NoFreeConnection(JobgenRuntimeError, PoolTimeout):
    """No connection of the pool became free in time, or none ever could."""


class Open(Enum):
    """The grant of a request that is to open a connection itself."""

    OPEN = "open"


@dataclass(eq=False)
class Request(Generic[C]):
    """The use of one connection, from the wait for it until its return.

    Attributes:
        owner: The attempt, task or thread that asks.
        lends: Whether code of the user gets the connection, which may keep it as long as it likes.
            Otherwise one call of the runtime uses it, which never waits for another connection.
        wake: Called, in any thread, when `grant` is set.
        grant: The connection, or the permission to open one; None while the request waits.
    """

    owner: Hashable
    lends: bool
    wake: Callable[[], object] = lambda: None
    grant: C | Open | None = None
    since: float = field(default_factory=monotonic)


class PoolState(Generic[C]):
    """Share at most `size` connections among requests, in the order of the requests.

    At most all but one of the connections are lent, if there are several. So a transaction that
    needs a second connection for a single statement gets it in the end, however many
    transactions wait for the same. Thread-safe.

    Attributes:
        idle: The connections that are not in use, the latest one last.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.idle: list[C] = []
        self._open = 0
        self._is_opening = False
        self._lent: list[Request[C]] = []
        self._waiting: list[Request[C]] = []
        self._lock = threading.Lock()

    def submit(self, request: Request[C]) -> None:
        """Grant the request at once if possible, else let it wait."""
        with self._lock:
            if not self._grant(request):
                self._waiting.append(request)

    def connected(self) -> None:
        """Note that the connection was opened, so that the next one may be."""
        with self._lock:
            self._is_opening = False
            self._serve()

    def withdraw(self, request: Request[C], *, lost: bool = False) -> None:
        """End the request, whatever its state.

        Args:
            request: The request.
            lost: Whether its connection is closed, or could not be opened. Otherwise the
                connection that it was granted, if any, is idle again.
        """
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
            if request in self._lent:
                self._lent.remove(request)
            if request.grant is Open.OPEN:
                self._is_opening = False
                self._open -= 1
            elif request.grant is not None and lost:
                self._open -= 1
            elif request.grant is not None:
                self.idle.append(request.grant)
            request.grant = None
            self._serve()

    def take_idle(self, condition: Callable[[C], bool]) -> list[C]:
        """Remove and return the idle connections that meet the condition."""
        with self._lock:
            taken = [conn for conn in self.idle if condition(conn)]
            self.idle = [conn for conn in self.idle if conn not in taken]
            self._open -= len(taken)
            self._serve()
            return taken

    def is_deadlocked_by(self, request: Request[C]) -> bool:
        """Return whether all that hold connections wait for another one, so that none is freed.

        Only one that holds a connection is told so: its error frees that one for the others.
        """
        with self._lock:
            if all(lent.owner != request.owner for lent in self._lent):
                return False
            stuck = {
                waiting.owner
                for waiting in self._waiting
                if waiting.lends or len(self._lent) == self.size
            }
            return len(self._lent) >= self._most_lent and all(
                lent.owner in stuck for lent in self._lent
            )

    def describe(self) -> str:
        """Return who holds the connections, for an error."""
        with self._lock:
            holders = Counter(_name(request.owner) for request in self._lent)
            since = {_name(request.owner): request.since for request in reversed(self._lent)}
            waiting = len(self._waiting)
        names = [
            f"{name} ({f'{count}, ' if count > 1 else ''}for {monotonic() - since[name]:.0f} s)"
            for name, count in holders.most_common(_SHOWN)
        ]
        if len(holders) > _SHOWN:
            names.append(f"{len(holders) - _SHOWN} more")
        held = f"{sum(holders.values())} of {self.size} are held by transactions of this process"
        return f"{held}: {', '.join(names) or 'none'}; {waiting} requests wait"

    @property
    def _most_lent(self) -> int:
        return max(1, self.size - 1)

    def _grant(self, request: Request[C]) -> bool:
        if request.lends and len(self._lent) >= self._most_lent:
            return False
        if self.idle:
            request.grant = self.idle.pop()
        elif self._open < self.size and not self._is_opening:
            # One at a time: statements are short, and most burst need few connections.
            self._is_opening = True
            self._open += 1
            request.grant = Open.OPEN
        else:
            return False
        if request.lends:
            request.since = monotonic()
            self._lent.append(request)
        return True

    def _serve(self) -> None:
        for request in list(self._waiting):
            if self._grant(request):
                self._waiting.remove(request)
                request.wake()


def deadlocked(state: PoolState[C]) -> NoFreeConnection:
    """Return the error of a request that would wait for ever."""
    return NoFreeConnection(
        "All connections of the pool are held by transactions that wait for another connection "
        f"themselves: {state.describe()}.",
        hint="Pass the transaction's connection to the calls inside its block (`create(conn, …)`, "
        f"`fetch_all(…, conn=conn)`), or raise pool_size, which is {state.size}: "
        "jobgen_runtime.configure(pool_size=…).",
    )


def timed_out(state: PoolState[C], seconds: float, reason: Exception | None) -> NoFreeConnection:
    """Return the error of a request that has waited for too long.

    Args:
        state: The pool's state, before the request is withdrawn.
        seconds: How long the request has waited.
        reason: Why no connection could be opened, if one was tried.
    """
    if reason is not None:
        return NoFreeConnection(
            f"No connection to the database within {seconds:g} s: {str(reason).strip()}",
            hint="Check that the server runs, and that it accepts more connections.",
        )
    return NoFreeConnection(
        f"No connection of the pool was free within {seconds:g} s: {state.describe()}.",
        hint="Keep transactions short, pass their connection to the calls inside, or raise "
        f"pool_size, which is {state.size}: jobgen_runtime.configure(pool_size=…).",
    )


def _name(owner: Hashable) -> str:
    return str(owner) if isinstance(owner, JobContext) else "code outside of jobs"
