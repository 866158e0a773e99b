"""What becomes of a claim whose work has ended, and what the log says of it."""

from __future__ import annotations

import logging
from datetime import timedelta

from jobgen_runtime.contract import (
    End,
    JobStatus,
    Outcome,
    Postpone,
    PutBack,
    Retry,
    Transition,
)
from jobgen_runtime.retry import Backoff, decide

log = logging.getLogger("jobgen.job")

_FALLBACK = timedelta(seconds=30)
_LONGEST = timedelta(days=36_500)


def verdict(
    outcome: Outcome, *, attempts: int, max_attempts: int, backoff: Backoff, name: str
) -> Transition:
    """Like `decide`, but for any backoff of a user's own: one that raises waits 30 seconds, and no
    wait is below zero or longer than a date can tell."""
    try:
        transition = decide(outcome, attempts=attempts, max_attempts=max_attempts, backoff=backoff)
        if isinstance(transition, Retry):
            return Retry(transition.error, _within_reason(transition.delay))
        if isinstance(transition, Postpone):
            return Postpone(_within_reason(transition.delay))
    except Exception:
        # It must not cost the job its end.
        log.exception("%s.backoff raised; waiting %s", name, _FALLBACK)
        return Retry(getattr(outcome, "error", ""), _FALLBACK)
    return transition


def log_verdict(transition: Transition) -> None:
    """One line, of the weight that it has for an operator."""
    match transition:
        case Retry(error, delay):
            log.warning("failed, tried again in %s: %s", delay, _last_line(error))
        case End(JobStatus.TIMED_OUT, error):
            log.error("timed out, for good: %s", _last_line(error))
        case End(_, error):
            log.error("failed, for good: %s", _last_line(error))
        case Postpone(delay):
            log.info("comes back in %s, not counted", delay)
        case PutBack():
            log.info("put back, not counted")
        case _:
            log.debug("succeeded")


def _within_reason(delay: timedelta) -> timedelta:
    return min(max(delay, timedelta(0)), _LONGEST)


def _last_line(error: str) -> str:
    return error.rstrip().rsplit("\n", 1)[-1]
