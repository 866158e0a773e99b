"""Decide which transition follows an attempt's outcome, and log it."""

from __future__ import annotations

import logging
from datetime import timedelta

from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.error_summary import error_summary
from jobgen_runtime.contract.outcomes import (
    Cancelled,
    Expired,
    Failed,
    Interrupted,
    Outcome,
    SnoozeFor,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.retry.backoff import Backoff

log = logging.getLogger("jobgen.job")

_FALLBACK_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(days=36_500)


def decide(outcome: Outcome, *, attempts: int, max_attempts: int, backoff: Backoff) -> Transition:
    """Return the transition for an outcome.

    Args:
        outcome: How the attempt ended.
        attempts: Attempts so far, including the one that just ended.
        max_attempts: The job's limit.
        backoff: The policy that gives the delay before a retry. Errors of its `delay` are passed
            on.
    """
    match outcome:
        case Succeeded():
            return Succeed()
        case Interrupted():
            return Release()
        case SnoozeFor():
            return outcome
        case Failed() | TimedOut() if attempts < max_attempts:
            return Retry(outcome.error, backoff.delay(attempts))
        case TimedOut():
            return Fail(JobStatus.TIMED_OUT, outcome.error)
        case Failed() | Cancelled() | Expired():
            by_operator = isinstance(outcome, Cancelled) and outcome.by_operator
            return Fail(JobStatus.FAILED, outcome.error, by_operator)


def decide_transition(
    outcome: Outcome, *, attempts: int, max_attempts: int, backoff: Backoff, name: str
) -> Transition:
    """Return the transition for an outcome, whatever a user's own backoff does.

    A backoff that raises is logged under the job's `name` and counts as a delay of 30 seconds. A
    negative delay counts as zero, one longer than a timestamp can express as 100 years.
    """
    try:
        transition = decide(outcome, attempts=attempts, max_attempts=max_attempts, backoff=backoff)
        if isinstance(transition, Retry):
            return Retry(transition.error, _clamp(transition.delay))
        if isinstance(transition, SnoozeFor):
            return SnoozeFor(_clamp(transition.delay))
    except BaseException:
        # A faulty backoff must not cost the job its retry.
        log.exception("%s.backoff raised; retrying in %s", name, duration_text(_FALLBACK_DELAY))
        return Retry(getattr(outcome, "error", ""), _FALLBACK_DELAY)
    return transition


def log_transition(
    transition: Transition, attempts: int, *, timed_out_after: timedelta | None = None
) -> None:
    """Log a transition in one line, at the level that it has for an operator.

    Args:
        transition: The transition of the job that the log context names.
        attempts: Attempts so far, including the one that just ended.
        timed_out_after: The timeout that the attempt exceeded; None if it did not.
    """
    match transition:
        case Retry(_, delay) if timed_out_after is not None:
            log.warning(
                "timed out after %s, retrying in %s",
                *(duration_text(timed_out_after), duration_text(delay)),
            )
        case Retry(error, delay):
            log.warning("failed, retrying in %s: %s", duration_text(delay), error_summary(error))
        case Fail(JobStatus.TIMED_OUT, error):
            log.error("timed out permanently after %s: %s", _count(attempts), error_summary(error))
        case Fail(_, error):
            log.error("failed permanently after %s: %s", _count(attempts), error_summary(error))
        case SnoozeFor(delay):
            log.info("snoozed for %s, attempt not counted", duration_text(delay))
        case Release():
            log.info("released, attempt not counted")
        case _:
            log.debug("succeeded")


def _clamp(delay: timedelta) -> timedelta:
    return min(max(delay, timedelta(0)), _LONGEST_DELAY)


def _count(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"
