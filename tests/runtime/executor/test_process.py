"""The worker's end of the connection to a job process."""

from __future__ import annotations

import asyncio
import functools
import gc
import time
from contextlib import suppress
from typing import Any, ClassVar

from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.executor.deadline import Deadline
from jobgen_runtime.executor.process import ProcessRunner

from tests.support.waiting import TIMEOUT


class WaitingJob(JobRecord):
    __table__: ClassVar = Table("waiting_jobs", columns=("id",), key=("id",))


class Waiting(Job[WaitingJob]):
    def perform(self, job: WaitingJob) -> None:
        """Never run."""


def test_start_of_a_process_that_is_cancelled_leaves_no_unretrieved_error() -> None:
    reported: list[dict[str, Any]] = []

    async def cancel_start() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context))
        others = asyncio.all_tasks()
        deadline = Deadline()
        runner = ProcessRunner(Waiting(), functools.partial(time.sleep, 600), deadline)
        starting = asyncio.create_task(runner.prepare())
        while len(asyncio.all_tasks() - others) < 2:  # noqa: ASYNC110 -- a task of the runner
            await asyncio.sleep(0.01)
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        async with asyncio.timeout(TIMEOUT):
            while asyncio.all_tasks() - others:  # noqa: ASYNC110 -- a task of the runner
                await asyncio.sleep(0.01)
        gc.collect()
        deadline.close()

    asyncio.run(cancel_start())
    assert not reported
