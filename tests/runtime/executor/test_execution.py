"""Execution: one attempt, which reports its outcome once."""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract.context import Fence, JobContext
from jobgen_runtime.contract.outcomes import (
    Committed,
    Failed,
    Interrupted,
    Outcome,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.executor import AsyncRunner, Execution, ThreadRunner
from jobgen_runtime.executor.error_text import MAX_CHARACTERS

from tests.support.waiting import TIMEOUT


class WaitingJob(JobRecord):
    __table__: ClassVar = Table("waiting_jobs", columns=("id",), key=("id",))
    result: object


class Waiting(Job[WaitingJob]):
    async def perform(self, job: WaitingJob) -> None:  # noqa: ARG002 -- what a job is
        await asyncio.Event().wait()


def test_execution_ends_when_it_is_interrupted_before_its_first_step() -> None:
    async def ended() -> Outcome | Committed:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome | Committed] = loop.create_future()
        job = uuid4()
        context = JobContext("Waiting", "waiting_jobs", job, 1, Fence(uuid4(), ""))
        runner = AsyncRunner(Waiting())
        Execution(
            WaitingJob.__new__(WaitingJob),
            context,
            runner,
            outcome.set_result,
            copy_context(),
        ).interrupt()
        async with asyncio.timeout(TIMEOUT):
            return await outcome

    assert isinstance(asyncio.run(ended()), Interrupted)


class Blocking(Job[WaitingJob]):
    def __init__(self) -> None:
        self.started, self.go = threading.Event(), threading.Event()

    def perform(self, job: WaitingJob) -> Any:
        self.started.set()
        self.go.wait()
        return job.result


@pytest.mark.parametrize(("result", "outcome"), [(None, Succeeded), ("coroutine", Failed)])
def test_slot_of_a_thread_stays_taken_when_other_code_cancels_its_task(
    result: str | None, outcome: type[Outcome]
) -> None:
    async def coroutine() -> None:
        await asyncio.Event().wait()

    async def ended() -> None:
        loop = asyncio.get_running_loop()
        outcomes: asyncio.Future[Outcome | Committed] = loop.create_future()
        job, record = Blocking(), WaitingJob.__new__(WaitingJob)
        record.result = coroutine() if result else None
        context = JobContext("Blocking", "waiting_jobs", uuid4(), 1, Fence(uuid4(), ""))
        runner = ThreadRunner(job, 1)
        execution = Execution(record, context, runner, outcomes.set_result, copy_context())
        await asyncio.to_thread(job.started.wait)
        for _ in range(3):
            execution.task.cancel()
            await asyncio.sleep(0)
        assert not execution.ended
        job.go.set()
        async with asyncio.timeout(TIMEOUT):
            assert isinstance(await outcomes, outcome)
        runner.close()

    asyncio.run(ended())


class Slow(Job[WaitingJob]):
    timeout = timedelta(seconds=0.01)

    async def perform(self, job: WaitingJob) -> None:  # noqa: ARG002 -- what a job is
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ValueError("x" * 1000 + "\n" + "line\n" * 10_000) from None


def test_error_of_a_timeout_begins_with_the_reason_before_a_long_traceback() -> None:
    async def ended() -> Outcome | Committed:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome | Committed] = loop.create_future()
        context = JobContext("Slow", "waiting_jobs", uuid4(), 1, Fence(uuid4(), ""))
        record, runner = WaitingJob.__new__(WaitingJob), AsyncRunner(Slow())
        Execution(record, context, runner, outcome.set_result, copy_context())
        async with asyncio.timeout(TIMEOUT):
            return await outcome

    outcome = asyncio.run(ended())
    assert isinstance(outcome, TimedOut)
    assert outcome.error.startswith("The attempt ran longer than its timeout of 0.01 s.\n\n")
    assert outcome.error.endswith("x" * 1000)
    assert len(outcome.error) == MAX_CHARACTERS
