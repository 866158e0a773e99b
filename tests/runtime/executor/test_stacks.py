"""Where a job is: the stacks in the log of one that is slow, or goes on past its timeout."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar
from uuid import UUID

import pytest
from jobgen_runtime import CallNext, Job, JobRecord, Table
from jobgen_runtime.cli.errors import run_command
from jobgen_runtime.contract.context import Fence, JobContext
from jobgen_runtime.contract.outcomes import Committed, Outcome, Succeeded, TimedOut
from jobgen_runtime.executor import (
    AsyncRunner,
    Deadline,
    Execution,
    ProcessRunner,
    Runner,
    ThreadRunner,
)
from jobgen_runtime.executor import execution as execution_module
from jobgen_runtime.executor.hooks import with_hooks
from jobgen_runtime.executor.stacks import other_thread_stack, runs_others_code, task_stack

from tests.support.waiting import TIMEOUT, wait_for


class SlowJob(JobRecord):
    __table__: ClassVar = Table("slow_jobs", columns=("id",), key=("id",))
    go: str


def wait_for_file(path: str) -> None:
    """Wait in a function of the job's, whose name the stack must have."""
    wait_for(Path(path).exists, "the file is there")


async def wait_for_file_async(path: str) -> None:
    while not await asyncio.to_thread(Path(path).exists):  # noqa: ASYNC110 -- what a job does
        await asyncio.sleep(0.01)


class SlowAsync(Job[SlowJob]):
    slow_after = timedelta(seconds=0.05)

    async def around(self, job: SlowJob, call_next: CallNext) -> None:  # noqa: ARG002 -- a hook
        await call_next()

    async def perform(self, job: SlowJob) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(wait_for_file_async(job.go), name="the other task")


class Waiting(Job[SlowJob]):
    def perform(self, job: SlowJob) -> None:
        wait_for_file(job.go)


class SlowSync(Waiting):
    slow_after = timedelta(seconds=0.05)


class Quick(Job[SlowJob]):
    slow_after = timedelta(minutes=10)

    async def perform(self, job: SlowJob) -> None:
        """Return."""


class PastTimeout(Waiting):
    timeout = timedelta(seconds=0.05)


def run(
    runner_of: Any, go: Path, caplog: pytest.LogCaptureFixture, until: str | None
) -> Outcome | Committed:
    """Run an attempt until the log has the text `until`; return its outcome."""

    async def outcome() -> Outcome | Committed:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Outcome | Committed] = loop.create_future()
        deadline = Deadline()
        runner: Runner = runner_of(deadline)
        record = SlowJob.__new__(SlowJob)
        record.go = str(go)
        context = JobContext("Slow", "slow_jobs", UUID(int=1), 1, Fence(UUID(int=2), ""))
        Execution(record, context, runner, ended.set_result, copy_context())
        async with asyncio.timeout(TIMEOUT):
            while until is not None and until not in caplog.text:
                assert not ended.done(), ended
                await asyncio.sleep(0.01)
            await asyncio.to_thread(go.touch)
            result = await ended
        runner.close()
        deadline.close()
        return result

    with caplog.at_level(logging.WARNING):
        return asyncio.run(outcome())


def in_process(deadline: Deadline) -> Runner:
    return ProcessRunner(SlowSync(), partial(time.sleep, 0), deadline)


@pytest.mark.parametrize(
    ("runner_of", "where"),
    [
        (lambda _: AsyncRunner(SlowAsync()), "in wait_for_file_async"),
        (lambda _: ThreadRunner(SlowSync(), 1), "in wait_for_file"),
        (in_process, "in wait_for_file"),
    ],
    ids=["async", "in a thread", "in a process"],
)
def test_slow_attempt_is_logged_once_with_its_stack(
    runner_of: Any, where: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert run(runner_of, tmp_path / "go", caplog, "in perform") == Succeeded()
    assert caplog.text.count("still running after 0.05 s, its slow_after. It is at:") == 1
    assert where in caplog.text
    assert "/jobgen_runtime/" not in "".join(record.getMessage() for record in caplog.records)


def test_tasks_that_an_attempt_waits_for_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(lambda _: AsyncRunner(SlowAsync()), tmp_path / "go", caplog, "slow_after")
    assert "It waits for the task the other task:" in caplog.text
    assert "in wait_for_file_async" in caplog.text


def test_quick_attempt_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert run(lambda _: AsyncRunner(Quick()), tmp_path / "go", caplog, None) == Succeeded()
    assert caplog.text == ""


def test_thread_that_goes_on_past_its_timeout_is_logged_once_with_its_stack(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution_module, "WARN_STILL_RUNNING_AFTER", 0.05)
    runner_of = lambda _: ThreadRunner(PastTimeout(), 1)  # noqa: E731 -- short
    outcome = run(runner_of, tmp_path / "go", caplog, "slot stays taken")
    assert isinstance(outcome, TimedOut)
    assert caplog.text.count("still running 0.05 s after its timeout; its slot stays taken") == 1
    assert "in wait_for_file" in caplog.text


class Endless(Job[SlowJob]):
    async def perform(self, job: SlowJob) -> None:  # noqa: ARG002 -- what a job is
        await asyncio.sleep(600)


async def pass_on(job: SlowJob, call_next: CallNext) -> None:
    await call_next()


def test_task_belongs_to_the_code_that_it_was_begun_for() -> None:
    """The runtime's own tasks may wait in the code of others, such as the driver's."""
    record: Any = None

    async def look() -> list[bool]:
        tasks = [
            asyncio.create_task(with_hooks(Endless(), [pass_on]).perform(record)),
            asyncio.create_task(Endless().perform(record)),
        ]
        await asyncio.sleep(0)
        found = [runs_others_code(task) for task in tasks]
        for task in tasks:
            task.cancel()
        return found

    assert asyncio.run(look()) == [False, True]


def test_stack_of_a_task_that_waits_is_its_own_though_it_ran_a_moment_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record: Any = None

    async def look() -> str:
        task = asyncio.create_task(Endless().perform(record))
        await asyncio.sleep(0)
        monkeypatch.setattr(asyncio, "current_task", lambda _loop=None: task)
        stack = await asyncio.to_thread(task_stack, task, threading.get_ident())
        task.cancel()
        return stack

    stack = asyncio.run(look())
    assert "in perform" in stack
    assert "in select" not in stack


def test_thread_belongs_to_the_code_that_it_was_begun_for() -> None:
    """The runtime's own threads may be in the code of others, such as the driver's."""
    go = threading.Event()

    def others_code() -> int:
        return int(go.wait(TIMEOUT))

    def stack_of(target: Callable[..., object], *arguments: object) -> str:
        thread = threading.Thread(target=target, args=arguments)
        thread.start()
        wait_for(lambda: "in others_code" in "".join(traceback.format_stack(frame_of(thread))))
        return other_thread_stack(frame_of(thread))

    def frame_of(thread: threading.Thread) -> FrameType:
        return sys._current_frames()[thread.ident or 0]

    try:
        assert "in others_code" in stack_of(others_code)
        assert stack_of(run_command, others_code, "run-jobs") == ""
    finally:
        go.set()
