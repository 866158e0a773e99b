"""The clock of tests: what is due later becomes due at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jobgen_runtime import Job, JobStatus
from jobgen_runtime.testing import Clock, TestingError, clock, drain, drain_sync

from tests.support.kit_jobs import (
    PLAYED,
    Daily,
    Play,
    PlayJob,
    Punctual,
    Report,
)

pytestmark = pytest.mark.usefixtures("jobgen_transaction")
KINDS: list[type[Job[Any]]] = [Play, Report]


def play(what: str, **values: Any) -> PlayJob:
    return PlayJob._create_sync(None, {"what": what, **values})


def test_moving_the_clock_makes_later_jobs_due(jobgen_clock: Clock) -> None:
    play("tomorrow", run_at=datetime.now(UTC) + timedelta(days=1))
    play("in a week", run_at=datetime.now(UTC) + timedelta(days=7))

    jobgen_clock.advance_sync(timedelta(hours=23))
    assert len(drain_sync(kinds=KINDS)) == 0
    jobgen_clock.advance_sync(timedelta(hours=2))
    drain_sync(kinds=KINDS)

    assert PLAYED == ["tomorrow"]


def test_moving_the_clock_makes_a_retry_due() -> None:
    async def run() -> list[str]:
        await PlayJob._create(None, {"what": "raise oops"})
        first = await drain(kinds=KINDS, raise_errors=False)
        delay = first[0].retry_in
        assert delay is not None
        await clock.advance(delay)
        second = await drain(kinds=[Play], raise_errors=False)
        return [each.outcome.value for each in (*first, *second)]

    assert asyncio.run(run()) == ["failed", "failed"]


def test_job_expires_once_the_clock_has_passed_its_time() -> None:
    late = play("late")

    clock.advance_sync(timedelta(minutes=6))
    [drained] = drain_sync(kinds=[Punctual])

    assert drained.outcome.value == "expired"
    assert PLAYED == []
    assert late.refresh_sync().status is JobStatus.FAILED


def test_job_within_its_time_does_not_expire() -> None:
    play("in time")
    clock.advance_sync(timedelta(minutes=4))

    assert drain_sync(kinds=[Punctual]).succeeded == 1


def test_schedule_ticks_at_the_time_of_the_clock() -> None:
    assert len(drain_sync(kinds=[Daily])) == 0  # writes the schedule

    clock.advance_sync(timedelta(days=3))
    begin = clock.now() - timedelta(days=3)
    drain_sync(kinds=[Daily])

    ticks = [moment + clock.ahead for moment in PLAYED]
    assert len(ticks) == 3
    assert all(begin < tick <= clock.now() for tick in ticks)
    assert [tick - ticks[0] for tick in ticks] == [timedelta(days=day) for day in range(3)]
    assert len(drain_sync(kinds=[Daily])) == 0


def test_clock_shows_the_present_in_the_next_test() -> None:
    assert clock.ahead == timedelta(0)


def test_clock_cannot_be_moved_back() -> None:
    with pytest.raises(TestingError, match="cannot be moved back, by 1 h"):
        clock.advance_sync(timedelta(hours=-1))
    with pytest.raises(TestingError, match="cannot be moved back"):
        clock.move_to_sync(datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(TestingError, match="by a timedelta, not by 5"):
        clock.advance_sync(5)  # type: ignore[arg-type]


def test_clock_moves_to_a_moment() -> None:
    moment = datetime.now(UTC) + timedelta(days=30)
    clock.move_to_sync(moment)

    assert timedelta(0) <= clock.now() - moment < timedelta(minutes=1)
