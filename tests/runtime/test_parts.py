"""The runtime's pure parts."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime import ExponentialBackoff, JobStatus, LinearBackoff
from jobgen_runtime.contract import (
    End,
    Failed,
    PutBack,
    Released,
    Retry,
    Succeed,
    Succeeded,
    TimedOut,
    Transition,
)
from jobgen_runtime.executor import describe
from jobgen_runtime.executor.errors import MAX_CHARACTERS
from jobgen_runtime.recovery.lease import Intervals, Lease
from jobgen_runtime.retry import decide
from jobgen_runtime.worker.ahead import CAP, Pace

SECOND = timedelta(seconds=1)


@given(st.integers(1, 50), st.integers(0, 50))
def test_a_job_is_tried_again_exactly_until_its_attempts_are_used_up(
    attempts: int, max_attempts: int
) -> None:
    backoff = LinearBackoff(SECOND)

    def after(outcome: Failed | TimedOut) -> Transition:
        return decide(outcome, attempts=attempts, max_attempts=max_attempts, backoff=backoff)

    if attempts < max_attempts:
        assert after(Failed("e")) == after(TimedOut("e")) == Retry("e", SECOND)
    else:
        assert after(Failed("e")) == End(JobStatus.FAILED, "e")
        assert after(TimedOut("e")) == End(JobStatus.TIMED_OUT, "e")


def test_success_and_release_ask_no_backoff() -> None:
    class Never:
        def delay(self, attempts: int, /) -> timedelta:
            raise AssertionError(attempts)

    assert decide(Succeeded(), attempts=9, max_attempts=1, backoff=Never()) == Succeed()
    assert decide(Released(), attempts=9, max_attempts=1, backoff=Never()) == PutBack()


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_backoffs_stay_between_their_jitter_and_their_cap(attempts: int, jitter: float) -> None:
    cap = timedelta(hours=1)
    full = ExponentialBackoff(SECOND, cap).delay(attempts)
    assert full == min(SECOND * 2 ** min(attempts, 20), cap)
    assert full * (1 - jitter) <= ExponentialBackoff(SECOND, cap, jitter).delay(attempts) <= full
    assert SECOND * (1 - jitter) <= LinearBackoff(SECOND, jitter).delay(attempts) <= SECOND


def test_backoffs_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        LinearBackoff(-SECOND)
    with pytest.raises(ValueError, match="jitter"):
        ExponentialBackoff(SECOND, jitter=2)


@given(st.text(st.characters(), max_size=300), st.integers(1, 300))
def test_an_error_always_fits_a_row(message: str, times: int) -> None:
    text = describe(ValueError(message * times))
    assert len(text) <= MAX_CHARACTERS
    assert "\0" not in text
    text.encode()


def test_of_a_long_error_the_innermost_part_stays() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError("the reason")
        # Not one frame over and over, which a traceback prints once.
        exec(f"def f{depth}(d): fall(d)\nf{depth}({depth - 1})", {"fall": fall})  # noqa: S102

    with pytest.raises(ValueError, match="reason") as caught:
        fall(200)
    text = describe(caught.value)
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("ValueError: the reason")


def test_a_lease_is_lost_in_time_and_counts_from_before_the_heartbeat_was_sent() -> None:
    lease = Lease(Intervals(heartbeat=10))
    assert lease.free
    worker = uuid4()
    lease.begin(worker, sent=100)
    lease.renewed(sent=110)
    assert not lease.stale(at=140)
    assert lease.stale(at=141)
    assert lease.lose(at=141)
    assert not lease.lose(at=142)
    assert not lease.free
    assert not lease.must_exit(at=160)
    assert lease.must_exit(at=161)
    lease.rest()
    assert lease.free
    assert not lease.must_exit(at=1000)


def test_a_process_that_was_stopped_for_long_gets_time_to_cancel_what_it_runs() -> None:
    lease = Lease(Intervals(heartbeat=10))
    lease.begin(uuid4(), sent=0)
    lease.lose(at=1000)
    assert not lease.must_exit(at=1010)
    assert lease.must_exit(at=1011)


def test_others_take_over_only_after_the_worker_itself_has_given_up() -> None:
    intervals = Intervals()
    order = [intervals.heartbeat, intervals.give_up, intervals.exit]
    assert order == sorted(set(order))
    assert intervals.exit < intervals.lifetime.total_seconds()


def test_only_short_jobs_are_claimed_ahead() -> None:
    pace = Pace()
    assert pace.ahead(16) == 0
    pace.note(10)
    assert pace.ahead(16) == 0
    for _ in range(200):
        pace.note(0.001)
    assert 16 < pace.ahead(16) <= CAP


def test_the_package_loads_no_driver_until_it_is_needed() -> None:
    code = (
        "import sys, jobgen_runtime\n"
        "from jobgen_runtime import Job\n"
        "loaded = {'psycopg', 'psycopg_pool', 'starlette', 'asyncio'} & sys.modules.keys()\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
