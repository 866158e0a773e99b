"""How long a worker may rely on its claims."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from jobgen_runtime.database.sessions import STATEMENT_SECONDS


@dataclass(frozen=True)
class Intervals:
    """The durations of a lease, derived from one number so that they keep their order."""

    heartbeat: float = 10.0
    """Seconds between two heartbeats."""

    @property
    def rescue_statement(self) -> float:
        """Seconds that one statement of a rescue may take, so that no heartbeat is missed."""
        return min(0.75 * self.heartbeat, STATEMENT_SECONDS)

    @property
    def give_up_after(self) -> float:
        """Seconds without a successful heartbeat until the worker cancels what it runs."""
        return 3 * self.heartbeat

    @property
    def exit_after(self) -> float:
        """Seconds without a successful heartbeat until the process exits if jobs still run."""
        return 5 * self.heartbeat

    @property
    def expires_after(self) -> timedelta:
        """The time, by the database's clock, after which other workers may take over the jobs."""
        return timedelta(seconds=6 * self.heartbeat)


class Lease:
    """The worker's id, and since when the database has not confirmed it. Thread-safe.

    A heartbeat counts from the time before it was sent, because its answer may have been delayed.
    All times are of `contract.clock`.
    """

    def __init__(self, intervals: Intervals) -> None:
        """Start without an id: the lease is not acquired yet."""
        self.intervals = intervals
        self._lock = threading.Lock()
        self._worker_id: UUID | None = None
        self._renewed_at = 0.0
        self._lost_at = 0.0
        self._is_cleared = True

    @property
    def worker_id(self) -> UUID | None:
        """The worker's id; None while the lease is not held."""
        return self._worker_id

    @property
    def can_be_acquired(self) -> bool:
        """Whether the lease is free: it is not held, and what ran under the last one has ended."""
        return self._worker_id is None and self._is_cleared

    @property
    def exit_at(self) -> float:
        """When the process must have ended if its jobs still run; infinity if none can run."""
        if self.can_be_acquired:
            return math.inf
        return self._renewed_at + self.intervals.exit_after

    def acquire(self, worker_id: UUID, sent: float) -> None:
        """Note that the worker's row was inserted by a statement sent at `sent`."""
        with self._lock:
            self._worker_id, self._renewed_at, self._is_cleared = worker_id, sent, False

    def renew(self, sent: float) -> None:
        """Note that a heartbeat sent at `sent` found the worker's row."""
        with self._lock:
            self._renewed_at = max(self._renewed_at, sent)

    def mark_lost(self, at: float) -> bool:
        """Give up the lease, because the worker's row is gone or may be before the next heartbeat.

        Returns:
            False if the lease was not held.
        """
        with self._lock:
            if self._worker_id is None:
                return False
            self._worker_id, self._lost_at = None, at
            return True

    def clear(self) -> None:
        """Note that nothing runs any more of what was claimed under the lost lease."""
        with self._lock:
            if self._worker_id is None:
                self._is_cleared = True

    def is_stale(self, at: float) -> bool:
        """Return whether the worker must give up the lease."""
        return self._worker_id is not None and at - self._renewed_at > self.intervals.give_up_after

    def must_exit(self, at: float) -> bool:
        """Return whether jobs still run that other workers may soon take over.

        Jobs get the time of one heartbeat to end after the loss, even in a process that was stopped
        for so long that both deadlines have passed.
        """
        if self._worker_id is not None or self._is_cleared:
            return False
        lost_for = at - self._lost_at
        silent_for = at - self._renewed_at
        return silent_for > self.intervals.exit_after and lost_for > self.intervals.heartbeat
