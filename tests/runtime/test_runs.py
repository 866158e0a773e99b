"""One attempt, from its start to the one time that it says how it ended."""

from __future__ import annotations

import asyncio
from typing import ClassVar
from uuid import uuid4

from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract import Committed, Fence, Hold, Outcome, Released
from jobgen_runtime.executor import JobContext, OnLoop, Run, Work


class WaitingJob(JobRecord):
    __table__: ClassVar = Table("waiting_jobs", columns=("id",), key=("id",))


class Waiting(Job[WaitingJob]):
    async def perform(self, job: WaitingJob) -> None:  # noqa: ARG002 -- what a job is
        await asyncio.Event().wait()


def test_what_is_released_before_its_first_step_ends_too() -> None:
    async def ended() -> Outcome | Committed:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome | Committed] = loop.create_future()
        job = uuid4()
        hold = Hold("waiting_jobs", job, Fence(uuid4(), ""), b"")
        work = Work(Waiting(), WaitingJob(), JobContext("Waiting", job, 1), hold)
        Run(work, OnLoop(), outcome.set_result, loop).release()
        async with asyncio.timeout(10):
            return await outcome

    assert isinstance(asyncio.run(ended()), Released)
