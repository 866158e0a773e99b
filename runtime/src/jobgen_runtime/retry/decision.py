"""What follows an outcome."""

from __future__ import annotations

from jobgen_runtime.contract import (
    Cancelled,
    End,
    Failed,
    JobStatus,
    Outcome,
    Postpone,
    PutBack,
    Released,
    Retry,
    Snoozed,
    Succeed,
    Succeeded,
    TimedOut,
    Transition,
)
from jobgen_runtime.retry.backoff import Backoff


def decide(outcome: Outcome, *, attempts: int, max_attempts: int, backoff: Backoff) -> Transition:
    """The row's next state; `attempts` counts the one that ended just now."""
    match outcome:
        case Succeeded():
            return Succeed()
        case Released():
            return PutBack()
        case Snoozed(delay):
            return Postpone(delay)
        case Failed() | TimedOut() if attempts < max_attempts:
            return Retry(outcome.error, backoff.delay(attempts))
        case TimedOut():
            return End(JobStatus.TIMED_OUT, outcome.error)
        case Failed() | Cancelled():
            return End(JobStatus.FAILED, outcome.error)
