"""Which transition follows the outcome of an attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime import ConstantBackoff, JobStatus
from jobgen_runtime.contract.outcomes import (
    CANCELLED_BY_OPERATOR,
    Cancelled,
    Expired,
    Failed,
    Interrupted,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.retry import decide

SECOND = timedelta(seconds=1)


@given(st.integers(1, 50), st.integers(0, 50))
def test_job_is_retried_until_its_attempts_are_used_up(attempts: int, max_attempts: int) -> None:
    backoff = ConstantBackoff(SECOND)

    def after(outcome: Failed | TimedOut) -> Transition:
        return decide(outcome, attempts=attempts, max_attempts=max_attempts, backoff=backoff)

    if attempts < max_attempts:
        assert after(Failed("e")) == after(TimedOut("e")) == Retry("e", SECOND)
    else:
        assert after(Failed("e")) == Fail(JobStatus.FAILED, "e")
        assert after(TimedOut("e")) == Fail(JobStatus.TIMED_OUT, "e")


@pytest.mark.parametrize("outcome", [Expired("late"), Cancelled("late")])
def test_job_that_expired_or_cancelled_itself_fails_at_its_first_attempt(
    outcome: Expired | Cancelled,
) -> None:
    decided = decide(outcome, attempts=1, max_attempts=9, backoff=ConstantBackoff(SECOND))
    assert decided == Fail(JobStatus.FAILED, "late", by_operator=False)


def test_job_that_an_operator_cancelled_is_marked_as_such() -> None:
    decided = decide(
        CANCELLED_BY_OPERATOR, attempts=1, max_attempts=9, backoff=ConstantBackoff(SECOND)
    )
    assert decided == Fail(JobStatus.FAILED, CANCELLED_BY_OPERATOR.error, by_operator=True)


def test_success_and_release_do_not_ask_the_backoff() -> None:
    class Never:
        def delay(self, attempts: int, /) -> timedelta:
            raise AssertionError(attempts)

    assert decide(Succeeded(), attempts=9, max_attempts=1, backoff=Never()) == Succeed()
    assert decide(Interrupted(), attempts=9, max_attempts=1, backoff=Never()) == Release()
