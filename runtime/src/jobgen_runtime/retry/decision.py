"""What follows an outcome."""

from __future__ import annotations

from jobgen_runtime.contract import (
    End,
    Failed,
    JobStatus,
    Outcome,
    PutBack,
    Released,
    Retry,
    Succeed,
    Succeeded,
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
        case _ if attempts < max_attempts:
            return Retry(outcome.error, backoff.delay(attempts))
        case Failed():
            return End(JobStatus.FAILED, outcome.error)
        case _:
            return End(JobStatus.TIMED_OUT, outcome.error)
