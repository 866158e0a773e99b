"""Execution: one attempt, which reports its outcome once."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import ClassVar
from uuid import uuid4

from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract.context import Fence, JobContext
from jobgen_runtime.contract.outcomes import Committed, Interrupted, Outcome
from jobgen_runtime.executor import AsyncRunner, Execution


class WaitingJob(JobRecord):
    __table__: ClassVar = Table("waiting_jobs", columns=("id",), key=("id",))


class Waiting(Job[WaitingJob]):
    async def perform(self, job: WaitingJob) -> None:  # noqa: ARG002 -- what a job is
        await asyncio.Event().wait()


def test_execution_ends_when_it_is_interrupted_before_its_first_step() -> None:
    async def ended() -> Outcome | Committed:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome | Committed] = loop.create_future()
        job = uuid4()
        context = JobContext("Waiting", "waiting_jobs", job, 1, Fence(uuid4(), ""), b"")
        runner = AsyncRunner(Waiting())
        Execution(
            WaitingJob(), context, runner, outcome.set_result, loop=loop, variables=copy_context()
        ).interrupt()
        async with asyncio.timeout(10):
            return await outcome

    assert isinstance(asyncio.run(ended()), Interrupted)
