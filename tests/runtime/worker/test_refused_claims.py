"""Which refused jobs a lane leaves alone, and when it tries each again."""

from __future__ import annotations

import math
from uuid import UUID

import pytest
from jobgen_runtime.queue import RefusedClaim
from jobgen_runtime.worker.refused_claims import (
    CONFLICT_PERSISTS_AFTER,
    FIRST_CONFLICT_RETRY_SECONDS,
    FIRST_RETRY_SECONDS,
    FIRST_SUSPECT_RETRY_SECONDS,
    LONGEST_CONFLICT_RETRY_SECONDS,
    LONGEST_RETRY_SECONDS,
    MAX_REFUSED,
    MAX_REPORTS,
    MAX_TRIALS,
    RefusedClaims,
    Report,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def refused(clock: Clock) -> RefusedClaims:
    return RefusedClaims(clock)


def check(number: int, reason: str = "violates a check") -> RefusedClaim:
    return RefusedClaim(UUID(int=number), reason)


def conflict(number: int, customer: str = "A") -> RefusedClaim:
    return RefusedClaim(UUID(int=number), "duplicate key", f"customer {customer}")


def excluded(refused: RefusedClaims) -> list[int]:
    return [UUID(each).int for each in (refused.excluded or "{}").strip("{}").split(",") if each]


def test_lane_without_refused_jobs_excludes_none(refused: RefusedClaims) -> None:
    assert refused.excluded is None
    assert not refused
    assert refused.trial_at() == math.inf
    assert not refused.start_trials()


def test_refused_job_is_excluded_until_its_trial_each_time_for_longer(
    refused: RefusedClaims, clock: Clock
) -> None:
    assert refused.refuse(check(1)) is Report.LOG
    waits: list[float] = []
    while not waits or waits[-1] < LONGEST_RETRY_SECONDS:
        assert excluded(refused) == [1]
        assert not refused.start_trials()
        waits.append(refused.trial_at() - clock.now)
        clock.now = refused.trial_at()
        assert refused.start_trials()
        assert excluded(refused) == []
        assert refused.trial_at() == math.inf
        assert refused.refuse(check(1)) is Report.RECORD
    assert waits[:3] == [FIRST_RETRY_SECONDS, 2 * FIRST_RETRY_SECONDS, 4 * FIRST_RETRY_SECONDS]


def test_suspect_is_tried_again_more_seldom(refused: RefusedClaims, clock: Clock) -> None:
    refused.refuse(check(1), is_suspect=True)
    assert refused.trial_at() == clock.now + FIRST_SUSPECT_RETRY_SECONDS
    clock.now = refused.trial_at()
    assert refused.start_trials()
    refused.forget_trials()
    assert len(refused) == 1
    refused.forget_trials(suspect=True)
    assert not refused


def test_job_is_reported_again_only_for_another_reason(
    refused: RefusedClaims, clock: Clock
) -> None:
    assert refused.refuse(check(1, "not at 12:00:01 o'clock")) is Report.LOG
    assert refused.refuse(check(1, "not at 12:00:09 o'clock")) is Report.NONE
    assert refused.refuse(check(1, "never")) is Report.LOG


def test_further_jobs_with_the_same_reason_are_recorded_only(refused: RefusedClaims) -> None:
    reports = [refused.refuse(check(number)) for number in range(MAX_REPORTS + 2)]
    assert reports[-4:] == [Report.LOG, Report.LOG_LAST, Report.RECORD, Report.RECORD]


def test_claimed_job_is_forgotten_and_others_with_its_reason_are_tried_next(
    refused: RefusedClaims, clock: Clock
) -> None:
    for number in (1, 2):
        refused.refuse(check(number))
    refused.refuse(check(3, "another"))
    assert refused.claimed([UUID(int=1), UUID(int=9)]) == [UUID(int=1)]
    assert refused.trial_at() == clock.now
    assert refused.start_trials()
    assert excluded(refused) == [3]


def test_job_on_trial_that_is_not_found_is_forgotten(refused: RefusedClaims, clock: Clock) -> None:
    refused.refuse(check(1))
    refused.refuse(conflict(2))
    refused.refuse(conflict(3))
    clock.now += FIRST_RETRY_SECONDS
    assert refused.start_trials()
    refused.forget_trials()
    assert excluded(refused) == [3]
    assert refused.trial_at() == clock.now


def test_only_the_first_job_of_each_conflict_is_tried_again(
    refused: RefusedClaims, clock: Clock
) -> None:
    for number in (1, 2, 3):
        assert refused.refuse(conflict(number)) is Report.NONE
        refused.refuse(conflict(number + 10, "B"))
    assert refused.has_fresh_conflicts()
    refused.retry_conflicts()
    assert refused.start_trials()
    assert excluded(refused) == [2, 12, 3, 13]
    assert refused.claimed([UUID(int=1)]) == []
    assert refused.refuse(conflict(11, "B")) is Report.NONE
    assert excluded(refused) == [11, 2, 12, 3, 13] or excluded(refused) == [2, 12, 3, 13, 11]
    assert not refused.start_trials()
    assert refused.trial_at() == clock.now + FIRST_CONFLICT_RETRY_SECONDS
    refused.retry_conflicts()
    assert refused.start_trials()
    assert not {2, 11} & set(excluded(refused))


def test_conflict_without_progress_counts_as_refusal_after_a_while(
    refused: RefusedClaims, clock: Clock
) -> None:
    assert refused.refuse(conflict(1)) is Report.NONE
    waits: list[float] = []
    while refused.has_fresh_conflicts():
        waits.append(refused.trial_at() - clock.now)
        clock.now = refused.trial_at()
        assert refused.start_trials()
        last = refused.refuse(conflict(1))
    assert last is Report.LOG
    assert clock.now >= 1000 + CONFLICT_PERSISTS_AFTER
    assert max(waits) <= LONGEST_CONFLICT_RETRY_SECONDS
    assert refused.claimed([UUID(int=1)]) == [UUID(int=1)]


def test_few_jobs_are_on_trial_at_the_same_time(refused: RefusedClaims, clock: Clock) -> None:
    for number in range(MAX_TRIALS + 1):
        refused.refuse(check(number))
    clock.now += FIRST_RETRY_SECONDS
    assert refused.start_trials()
    assert excluded(refused) == [MAX_TRIALS]
    assert refused.trial_at() == math.inf


def test_number_of_refused_jobs_is_bounded(refused: RefusedClaims) -> None:
    for number in range(MAX_REFUSED):
        assert not refused.is_full()
        refused.refuse(check(number))
    assert refused.is_full()
