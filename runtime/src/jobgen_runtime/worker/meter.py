"""What one lane counts of its attempts, for `run-jobs --metrics`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

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

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds


class LaneMeter:
    """Count the attempts of a lane. The loop's thread writes, any thread may read.

    All of it is plain numbers: a worker does this for each job.
    """

    __slots__ = ("_clock_offset", "claimed", "outcomes", "run", "succeeded", "wait")

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
        self._clock_offset: float | None = None

    def note_claims(self, claims: Sequence[Claim], now: float) -> None:
        """Count claims that have arrived just now, by the loop's clock."""
        self.claimed += len(claims)
        for claim in claims:
            if isinstance(claim.record, UnreadableRow) or claim.record.locked_at is None:
                continue
            # All of a statement have the same time, by the database's clock, as `run_at`.
            self._clock_offset = now - claim.record.locked_at.timestamp()
            break

    def note_start(self, run_at: datetime, now: float) -> None:
        """Count an attempt that begins now, by the loop's clock."""
        if self._clock_offset is None:
            return
        waited = now - self._clock_offset - run_at.timestamp()
        if waited < _LONGEST_WAIT:
            self.wait.add(waited if waited > 0.0 else 0.0)

    def note_outcome(self, outcome: Outcome, transition: Transition) -> None:
        """Count the end of an attempt that has not succeeded."""
        self.outcomes[_outcome_name(outcome, transition)] += 1


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
