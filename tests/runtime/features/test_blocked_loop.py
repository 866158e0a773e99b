"""The log lines about a job that blocks the event loop."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest
from jobgen_runtime.executor import LoopWatch

from tests.support.application import Application, branches
from tests.support.rows import Rows
from tests.support.waiting import wait_for

BODIES = {
    "blocks": "time.sleep(1.9)",
    "blocks in a separate task": """
        async with asyncio.TaskGroup() as group:
            group.create_task(self.block_later())
    """,
    "waits": "await asyncio.sleep(1.9)",
    "blocks shortly": "time.sleep(0.3)",
    "uses a thread": "await asyncio.to_thread(time.sleep, 1.9)",
}
BLOCK_LATER = """
async def block_later(self):
    await asyncio.sleep(0)
    time.sleep(1.9)
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_job_that_blocks_the_event_loop_is_logged_once_with_its_stack(
    app: Application, rows: Rows, loop: str
) -> None:
    body = branches(BODIES)
    perform = "async def perform(self, job):\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    app.write_job(perform + BLOCK_LATER, options="max_concurrency = 1\n")
    jobs = {what: str(rows.insert(what)[0]) for what in BODIES}
    log = app.start("run-jobs", "--drain", "--loop", loop).wait_for_exit()
    lines = log.splitlines()
    blocked = [n for n, line in enumerate(lines) if "blocked the event loop for " in line]
    assert len(blocked) == 2, log
    for what, number in zip(("blocks", "blocks in a separate task"), blocked, strict=True):
        # uvloop and Python 3.11 do not show whose task it is.
        assert jobs[what] in lines[number] or (loop, what) == ("uvloop", [*BODIES][1])
        assert "asyncio.to_thread" in lines[number]
        assert lines[number + 1].lstrip().startswith('File "')
        stack = "\n".join(lines[number + 1 :]).partition(" INFO ")[0]
        assert "time.sleep(1.9)" in stack
        assert "Probe.py" in stack
        assert "jobgen_runtime" not in stack
    assert log.count("the event loop runs again") == 2


def test_worker_logs_no_blocked_loop_while_a_job_thread_runs(app: Application, rows: Rows) -> None:
    app.write_job("def perform(self, job):\n    time.sleep(1.6)\n")
    rows.insert()
    assert "event loop" not in app.start("run-jobs", "--drain").wait_for_exit()


def test_end_of_a_block_is_logged_before_the_loop_has_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "jobgen.job")

    def block() -> None:
        time.sleep(1.6)

    def block_shortly() -> None:
        time.sleep(0.6)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        watch = LoopWatch(loop, is_idle=lambda: False)
        watch.start()
        # The loop runs both before the call by which the watch waits for an answer.
        loop.call_soon(block)
        loop.call_soon(block_shortly)
        try:
            end = "the event loop runs again"
            await asyncio.to_thread(wait_for, lambda: end in caplog.text, "the end is logged")
        finally:
            watch.stop()

    asyncio.run(run())
    assert caplog.text.count("blocked the event loop for ") == 1
