"""How an attempt ended, as `job_attempts` records it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from jobgen_runtime.contract.outcomes import (
    Cancelled,
    Crashed,
    Expired,
    Failed,
    Interrupted,
    Outcome,
    SnoozeFor,
    Succeeded,
    TimedOut,
)


class AttemptOutcome(Enum):
    """The column `outcome` of `job_attempts`."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SNOOZED = "snoozed"
    INTERRUPTED = "interrupted"
    WORKER_DIED = "worker_died"


_OUTCOMES: Mapping[type[Outcome], AttemptOutcome] = {
    Succeeded: AttemptOutcome.SUCCEEDED,
    Failed: AttemptOutcome.FAILED,
    Crashed: AttemptOutcome.FAILED,
    TimedOut: AttemptOutcome.TIMED_OUT,
    Cancelled: AttemptOutcome.CANCELLED,
    Expired: AttemptOutcome.EXPIRED,
    SnoozeFor: AttemptOutcome.SNOOZED,
    Interrupted: AttemptOutcome.INTERRUPTED,
}


def attempt_outcome(outcome: Outcome) -> AttemptOutcome:
    """Return how an attempt with this outcome is recorded."""
    return _OUTCOMES[type(outcome)]
