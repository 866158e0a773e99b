"""When a lane fetches next, by a clock that the test moves."""

from __future__ import annotations

import math

import pytest
from jobgen_runtime.worker.schedule import (
    EXPECTED_JOB_SECONDS,
    FAILING_AFTER_CLAIMS,
    IDLE_AFTER_SECONDS,
    RETRY_CONTENDED_SECONDS,
    RETRY_FAILED_SECONDS,
    RETRY_LOCKED_ROW_SECONDS,
    LaneSchedule,
)

POLL = 30.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def schedule(clock: Clock) -> LaneSchedule:
    """Return a schedule whose first claim has returned nothing."""
    schedule = LaneSchedule(clock)
    assert schedule.fetch_at() == -math.inf
    schedule.claim_started()
    schedule.batch_completed(more_due=False)
    return schedule


def test_lane_without_due_rows_waits_until_woken(schedule: LaneSchedule) -> None:
    assert schedule.fetch_at() == math.inf
    schedule.wake()
    assert schedule.fetch_at() == -math.inf


def test_wakeup_during_a_claim_is_not_lost(schedule: LaneSchedule) -> None:
    schedule.claim_started()
    schedule.wake()
    schedule.batch_completed(more_due=False)
    schedule.next_due_requested()
    assert schedule.fetch_at() == -math.inf


def test_lane_fetches_at_once_after_a_full_batch(schedule: LaneSchedule) -> None:
    schedule.claim_started()
    schedule.batch_completed(more_due=True)
    assert schedule.is_known_due()
    assert not schedule.is_busy()
    schedule.claim_started()
    schedule.batch_completed(more_due=True)
    assert schedule.is_busy()
    schedule.claim_started()
    schedule.batch_completed(more_due=False)
    assert not schedule.is_busy()


def test_lane_fetches_when_its_next_row_is_due(clock: Clock, schedule: LaneSchedule) -> None:
    schedule.next_due_in(12.5)
    assert schedule.fetch_at() == clock.now + 12.5
    schedule.next_due_requested()
    assert schedule.fetch_at() == math.inf, "the row may be gone: the answer counts"


def test_due_row_that_no_claim_returns_is_tried_again_later(
    clock: Clock, schedule: LaneSchedule
) -> None:
    schedule.next_due_in(-3)
    assert schedule.fetch_at() <= clock.now
    schedule.claim_started()
    schedule.batch_completed(more_due=False)
    schedule.next_due_in(-3)
    assert schedule.fetch_at() == clock.now + RETRY_LOCKED_ROW_SECONDS
    schedule.jobs_received()
    schedule.next_due_in(-3)
    assert schedule.fetch_at() <= clock.now


def test_lane_at_its_global_limit_waits_for_a_slot_or_the_next_poll(
    clock: Clock, schedule: LaneSchedule
) -> None:
    schedule.claim_started()
    schedule.limit_reached(poll_interval=POLL)
    schedule.next_due_in(-3)
    schedule.wake_unless_limited()
    assert schedule.fetch_at() == clock.now + POLL
    schedule.wake()
    assert schedule.fetch_at() == -math.inf


def test_slot_freed_during_the_claim_is_not_missed(schedule: LaneSchedule) -> None:
    schedule.claim_started()
    schedule.wake()
    schedule.limit_reached(poll_interval=POLL)
    assert schedule.fetch_at() == -math.inf


def test_slot_freed_before_wakeups_were_enabled_is_not_missed(schedule: LaneSchedule) -> None:
    schedule.claim_started()
    schedule.limit_reached(poll_interval=POLL)
    schedule.wakeups_have_been_enabled()
    assert schedule.wakeups_enabled
    assert schedule.fetch_at() == -math.inf


def test_contended_claim_is_repeated_shortly(clock: Clock, schedule: LaneSchedule) -> None:
    schedule.claim_contended()
    wait = schedule.fetch_at() - clock.now
    assert RETRY_CONTENDED_SECONDS / 2 <= wait <= 1.5 * RETRY_CONTENDED_SECONDS


def test_locked_table_is_left_alone_even_if_woken(clock: Clock, schedule: LaneSchedule) -> None:
    schedule.table_locked()
    schedule.wake()
    assert schedule.is_table_locked()
    assert schedule.fetch_at() == clock.now + RETRY_FAILED_SECONDS
    clock.now += RETRY_FAILED_SECONDS
    assert not schedule.is_table_locked()


def test_refused_claim_is_repeated_later(clock: Clock, schedule: LaneSchedule) -> None:
    schedule.claim_started()
    schedule.claim_failed()
    assert schedule.fetch_at() == clock.now + RETRY_FAILED_SECONDS


def test_more_jobs_are_expected_shortly_after_some_arrived_without_a_wakeup(
    clock: Clock, schedule: LaneSchedule
) -> None:
    assert not schedule.is_job_expected()
    schedule.jobs_received()
    assert schedule.is_job_expected()
    schedule.job_expected()
    assert schedule.fetch_at() == clock.now + EXPECTED_JOB_SECONDS
    clock.now += IDLE_AFTER_SECONDS
    assert not schedule.is_job_expected()
    schedule.jobs_received()
    schedule.wakeups_have_been_enabled()
    assert not schedule.is_job_expected(), "a wakeup would announce them"


def test_refused_claim_is_not_repeated_early_by_polls_or_wakeups(
    schedule: LaneSchedule, clock: Clock
) -> None:
    schedule.claim_started()
    schedule.claim_failed()
    schedule.next_due_requested()
    schedule.next_due_in(-1)
    schedule.wake()
    assert schedule.fetch_at() == clock.now + RETRY_FAILED_SECONDS
    assert not schedule.take_narrowing()


def test_lane_is_failing_after_some_refused_claims_until_one_is_answered(
    schedule: LaneSchedule,
) -> None:
    for _ in range(FAILING_AFTER_CLAIMS):
        assert not schedule.is_failing()
        schedule.claim_failed()
    assert schedule.is_failing()
    schedule.claim_answered()
    assert not schedule.is_failing()


def test_due_row_that_the_last_claim_did_not_return_is_looked_for(
    schedule: LaneSchedule, clock: Clock
) -> None:
    schedule.claim_started()
    schedule.batch_completed(more_due=False)
    clock.now += 1
    schedule.next_due_in(-0.5)  # It has become due since.
    assert not schedule.take_narrowing()
    schedule.next_due_in(-1.5)
    assert schedule.take_narrowing()
    assert not schedule.take_narrowing()


def test_refused_job_is_tried_at_its_time_unless_the_table_is_locked(
    schedule: LaneSchedule, clock: Clock
) -> None:
    assert schedule.fetch_at(clock.now + 7) == clock.now + 7
    schedule.table_locked()
    assert schedule.fetch_at(clock.now) == clock.now + RETRY_FAILED_SECONDS
