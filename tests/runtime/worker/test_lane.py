"""A lane: the slots of one kind of job, and the claims that wait for one."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from typing import ClassVar
from uuid import uuid4

from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract.context import Fence
from jobgen_runtime.executor import Deadline
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.lane import MAX_PENDING_COMPLETIONS, Lane


class LaneJob(JobRecord):
    __table__: ClassVar = Table("lane_jobs", columns=("id",), key=("id",))


class Short(Job[LaneJob]):
    async def perform(self, job: LaneJob) -> None:
        pass


def test_lane_has_no_room_while_too_many_completions_are_pending() -> None:
    async def rooms() -> list[int]:
        with closing(Deadline()) as deadline:
            events = WorkerEvents()
            lane = Lane(Short, events, deadline)
            found = []
            for size in (MAX_PENDING_COMPLETIONS - 1, 1):
                claims = [claim() for _ in range(size)]
                lane.dispatch(claims)
                while lane.is_busy():
                    events.work.clear()
                    await events.work.wait()
                found.append(lane.room())
            lane.completed(list(lane.claims.completions))
            return [*found, lane.room()]

    before, meanwhile, after = asyncio.run(rooms())
    assert before
    assert not meanwhile
    assert after


def claim() -> Claim:
    job, record = uuid4(), LaneJob.__new__(LaneJob)
    record.run_at = record.locked_at = datetime.now(UTC)
    return Claim(job, job.int, Fence(uuid4(), ""), 1, record)


class Noted(Job[LaneJob]):
    ran: ClassVar[list[int]] = []

    async def perform(self, job: LaneJob) -> None:
        self.ran.append(job.attempts_count)


def test_buffered_claim_is_dropped_for_a_newer_claim_of_the_same_row() -> None:
    """The row was reset by hand, and was claimed again."""

    async def take_both() -> None:
        with closing(Deadline()) as deadline:
            events = WorkerEvents()
            lane = Lane(Noted, events, deadline)
            older, newer = claim(), claim()
            newer.key = older.key
            for number, each in enumerate((older, newer)):
                assert isinstance(each.record, LaneJob)
                each.record.attempts_count = number
            lane.dispatch([older], start=False)
            lane.dispatch([newer])
            while lane.is_busy():
                events.work.clear()
                await events.work.wait()
            assert list(lane.claims.completions) == [newer]

    asyncio.run(take_both())
    assert Noted.ran == [1]


class WaitingJob(JobRecord):
    __table__: ClassVar = Table(
        "waiting_jobs",
        columns=("id",),
        key=("id",),
        unique_indexes=(Table.unique("one", columns=("id",), statuses=("job_status_retry",)),),
    )


class Waiting(Job[WaitingJob]):
    async def perform(self, job: WaitingJob) -> None:
        pass


def test_lane_claims_no_job_ahead_if_a_claim_lets_a_duplicate_be_created() -> None:
    async def rooms() -> list[int]:
        found = []
        with closing(Deadline()) as deadline:
            for job in (Short, Waiting):
                lane = Lane(job, WorkerEvents(), deadline)
                lane.prefetch.record_duration(0.0001)
                lane.prefetch.record_claim(lane.slots, 10, is_full=True)
                found.append(lane.room() - lane.slots)
        return found

    ahead, none = asyncio.run(rooms())
    assert ahead > 0
    assert none == 0
