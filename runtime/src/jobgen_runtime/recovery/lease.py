"""How long a worker may believe that its claims are its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


@dataclass(frozen=True)
class Intervals:
    """All from one number, the seconds between two heartbeats, so that they keep their order."""

    heartbeat: float = 10.0

    @property
    def give_up(self) -> float:
        """After so long without a good heartbeat, the worker cancels what it runs."""
        return 3 * self.heartbeat

    @property
    def exit(self) -> float:
        """After so long, it ends itself if something still runs."""
        return 5 * self.heartbeat

    @property
    def lifetime(self) -> timedelta:
        """After so long, by the database's clock, others may take what it held."""
        return timedelta(seconds=6 * self.heartbeat)


class Lease:
    """The worker's identity and the last sign that the database knows it. Safe for threads.

    A good heartbeat counts from before it was sent: the database's answer may have been under
    way for long.
    """

    def __init__(self, intervals: Intervals) -> None:
        self.intervals = intervals
        self._lock = threading.Lock()
        self._identity: UUID | None = None
        self._good_at = 0.0
        self._lost_at = 0.0
        self._at_rest = True

    @property
    def identity(self) -> UUID | None:
        """None: the database knows no such worker, or may soon not."""
        return self._identity

    @property
    def free(self) -> bool:
        """Whether a new identity may be taken: the old one's work has ended."""
        return self._identity is None and self._at_rest

    def begin(self, identity: UUID, sent: float) -> None:
        """The row was inserted."""
        with self._lock:
            self._identity, self._good_at, self._at_rest = identity, sent, False

    def renewed(self, sent: float) -> None:
        """The row was there, and its time was extended."""
        with self._lock:
            self._good_at = max(self._good_at, sent)

    def lose(self, at: float) -> bool:
        """The row is gone, or may be before the next heartbeat. False: that was known."""
        with self._lock:
            if self._identity is None:
                return False
            self._identity, self._lost_at = None, at
            return True

    def rest(self) -> None:
        """Nothing of the lost identity runs any more."""
        with self._lock:
            if self._identity is None:
                self._at_rest = True

    def stale(self, at: float) -> bool:
        """Whether it is time to give up."""
        return self._identity is not None and at - self._good_at > self.intervals.give_up

    def must_exit(self, at: float) -> bool:
        """Whether something still runs that others may take soon.

        What was lost gets the time of one heartbeat to end, also by a process that was stopped
        for so long that both moments have passed.
        """
        if self._identity is not None or self._at_rest:
            return False
        lost_for = at - self._lost_at
        return at - self._good_at > self.intervals.exit and lost_for > self.intervals.heartbeat
