"""What one lane counts of its attempts, for `run-jobs --metrics`."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from threading import Lock

from jobgen_runtime.contract.outcomes import Cancelled, Expired, Outcome, SnoozeFor
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.queue import Claim, UnreadableRow

BUCKETS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0),
)
"""The upper bounds of the histograms' buckets, in seconds, without the last one: infinity."""

OUTCOMES = (
    *("succeeded", "retried", "failed", "timed_out"),
    *("cancelled", "expired", "snoozed", "released"),
)
"""What may follow an attempt. `failed` and `timed_out` are final."""

_LONGEST_WAIT = 1e10
"""Seconds. A `run_at` of minus infinity is longer ago, and has no wait that could be measured."""


class Durations:
    """A histogram of durations. Numbers only grow, so that any thread may read them."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        """Start without any."""
        self.counts = [0] * (len(BUCKETS) + 1)
        """The number of durations in each bucket alone; the last one has no upper bound."""
        self.seconds = 0.0
        """The sum of all durations."""

    def add_all(self, durations: list[float]) -> None:
        """Count durations, at least one; they are sorted in place."""
        durations.sort()
        counts, begin = self.counts, 0
        highest = bisect_left(BUCKETS, durations[-1])
        for bucket in range(bisect_left(BUCKETS, durations[0]), highest):
            end = bisect_right(durations, BUCKETS[bucket], begin)
            counts[bucket] += end - begin
            begin = end
        counts[highest] += len(durations) - begin
        self.seconds += sum(durations)


class LaneMeter:
    """Count the attempts of a lane. The loop's thread writes, any thread may read after `settle`.

    A worker does this for each job, so a lane only appends to `waits` and `durations`. What they
    hold is counted by the next claim or scrape, many at once.
    """

    __slots__ = (
        *("_settling", "claimed", "clock_offset", "durations", "outcomes"),
        *("run", "succeeded", "wait", "waits"),
    )

    def __init__(self) -> None:
        """Start with no attempts."""
        self.claimed = 0
        """Jobs that were claimed."""
        self.succeeded = 0
        """Attempts that succeeded; those with other outcomes are in `outcomes`."""
        self.outcomes = dict.fromkeys(OUTCOMES[1:], 0)
        self.wait = Durations()
        """From `run_at` to the start of the attempt."""
        self.run = Durations()
        """From the start of the attempt to its end."""
        self.waits: list[float] = []
        """The waits in seconds of attempts that have begun, not counted yet."""
        self.durations: list[float] = []
        """The durations in seconds of attempts that have ended, not counted yet."""
        self.clock_offset = -math.inf
        """The loop's clock minus that of the database, as far as the latest claim tells."""
        self._settling = Lock()

    def note_claims(self, claims: Sequence[Claim], now: float) -> None:
        """Count claims that have arrived just now, by the loop's clock."""
        self.settle()
        self.claimed += len(claims)
        for claim in claims:
            if isinstance(claim.record, UnreadableRow) or claim.record.locked_at is None:
                continue
            # All of a statement have the same time, by the database's clock, as `run_at`.
            self.clock_offset = now - claim.record.locked_at.timestamp()
            break

    def settle(self) -> None:
        """Count what was appended to the lists. Called in any thread."""
        with self._settling:
            waits, durations = _take(self.waits), _take(self.durations)
            if waits and (max(waits) > _LONGEST_WAIT or min(waits) < 0.0):
                waits = [max(wait, 0.0) for wait in waits if wait < _LONGEST_WAIT]
            if waits:
                self.wait.add_all(waits)
            if durations:
                self.run.add_all(durations)

    def note_outcome(self, outcome: Outcome, transition: Transition) -> None:
        """Count the end of an attempt that has not succeeded."""
        self.outcomes[_outcome_name(outcome, transition)] += 1


def _take(items: list[float]) -> list[float]:
    """Remove and return the items. Another thread may append to the list meanwhile."""
    taken = items[:]
    del items[: len(taken)]
    return taken


def _outcome_name(outcome: Outcome, transition: Transition) -> str:
    match transition:
        case Fail():
            return _failure_name(outcome, transition)
        case Retry():
            return "retried"
        case SnoozeFor():
            return "snoozed"
        case Release():
            return "released"
        case Succeed():
            return "succeeded"


def _failure_name(outcome: Outcome, transition: Fail) -> str:
    if isinstance(outcome, Cancelled):
        return "cancelled"
    if isinstance(outcome, Expired):
        return "expired"
    return "timed_out" if transition.status is JobStatus.TIMED_OUT else "failed"
