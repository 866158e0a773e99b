"""How long a worker may rely on its claims."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


@dataclass(frozen=True)
class Intervals:
    """The durations of a lease, derived from one number so that they keep their order."""

    heartbeat: float = 10.0
    """Seconds between two heartbeats."""

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
    """The worker's identity, and since when the database has not confirmed it. Thread-safe.

    A heartbeat counts from the time before it was sent, because its answer may have been delayed.
    All times are of `contract.clock`.
    """

    def __init__(self, intervals: Intervals) -> None:
        """Start without an identity."""
        self.intervals = intervals
        self._lock = threading.Lock()
        self._identity: UUID | None = None
        self._renewed_at = 0.0
        self._lost_at = 0.0
        self._is_cleared = True

    @property
    def identity(self) -> UUID | None:
        """The worker's id; None if the database does not know this worker, or may soon not."""
        return self._identity

    @property
    def can_be_acquired(self) -> bool:
        """Whether a new identity may be taken: there is none, and the old one's work has ended."""
        return self._identity is None and self._is_cleared

    def acquire(self, identity: UUID, sent: float) -> None:
        """Note that the worker's row was inserted by a statement sent at `sent`."""
        with self._lock:
            self._identity, self._renewed_at, self._is_cleared = identity, sent, False

    def renew(self, sent: float) -> None:
        """Note that a heartbeat sent at `sent` found the worker's row."""
        with self._lock:
            self._renewed_at = max(self._renewed_at, sent)

    def lose(self, at: float) -> bool:
        """Drop the identity, because the row is gone or may be before the next heartbeat.

        Returns:
            False if the identity was lost before.
        """
        with self._lock:
            if self._identity is None:
                return False
            self._identity, self._lost_at = None, at
            return True

    def clear(self) -> None:
        """Note that nothing runs any more of what was claimed under the lost identity."""
        with self._lock:
            if self._identity is None:
                self._is_cleared = True

    def is_stale(self, at: float) -> bool:
        """Return whether the worker must give up its identity."""
        return self._identity is not None and at - self._renewed_at > self.intervals.give_up_after

    def must_exit(self, at: float) -> bool:
        """Return whether jobs still run that other workers may soon take over.

        Jobs get the time of one heartbeat to end after the loss, even in a process that was stopped
        for so long that both deadlines have passed.
        """
        if self._identity is not None or self._is_cleared:
            return False
        lost_for = at - self._lost_at
        silent_for = at - self._renewed_at
        return silent_for > self.intervals.exit_after and lost_for > self.intervals.heartbeat
