"""Log what a worker runs and where, when it is asked to: by SIGUSR1 or by `manage-jobs inspect`.

The report is written by a thread, so that it also shows a job that blocks the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.counted import counted
from jobgen_runtime.executor import Execution, log_as
from jobgen_runtime.executor.loop_watch import job_on_loop
from jobgen_runtime.executor.stacks import (
    loop_stack,
    other_thread_stack,
    own_tasks,
    runs_others_code,
    task_stack,
)
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")

SECONDS_BETWEEN_REPORTS = 1.0
"""Requests that arrive sooner after a report are answered together."""

SHOWN_JOBS = 100
SHOWN_THREADS = 50
SHOWN_TASKS = 50
"""What one report shows at most, besides the numbers."""

# Its `put` may be called in a signal handler, whatever that has interrupted.
_requests: queue.SimpleQueue[None] = queue.SimpleQueue()


def accept_signal() -> None:
    """Take SIGUSR1 as a request, instead of being ended by it.

    Requests are answered once there is an Inspection. To be called in the main thread, first thing.
    """
    signal.signal(signal.SIGUSR1, lambda _number, _frame: request_inspection())
    # Whoever has started this process may have blocked it until now.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})


def request_inspection() -> None:
    """Have the worker of this process log what it runs. In any thread, or in a signal handler."""
    _requests.put(None)


class Inspection:
    """The thread that answers requests."""

    def __init__(self, lanes: Lanes, loop: asyncio.AbstractEventLoop) -> None:
        """Prepare to report on the lanes of a worker. To be called in the thread of `loop`."""
        self._lanes = lanes
        self._loop = loop
        self._loop_thread = threading.get_ident()

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._answer, name="inspection", daemon=True).start()

    def _answer(self) -> None:
        while True:
            _requests.get()
            with suppress(queue.Empty):
                while True:
                    _requests.get_nowait()
            try:
                self._report()
            except Exception:
                # Other threads change what it reads.
                log.exception("the inspection failed")
            time.sleep(SECONDS_BETWEEN_REPORTS)

    def _report(self) -> None:
        running = [run for lane in self._lanes for run in list(lane.claims.running.values())]
        beginning = self._find_beginning(running)
        waiting = sum(len(lane.claims.buffer) for lane in self._lanes)
        unwritten = sum(len(lane.claims.completions) for lane in self._lanes)
        log.info(
            "inspection: %s, %d claimed and waiting for a slot, %s to be written",
            *(counted(len(running) + (beginning is not None), "running job"), waiting),
            counted(unwritten, "completion"),
        )
        if beginning is not None:
            job, stack = beginning
            with log_as(job):
                log.info("inspection: has not waited yet. It is at:\n%s", stack)
        now = self._loop.time()
        for execution in running[:SHOWN_JOBS]:
            self._log_job(execution, now)
        if len(running) > SHOWN_JOBS:
            log.info("inspection: and %s", counted(len(running) - SHOWN_JOBS, "further job"))
        if others := "\n".join(self._other_tasks(running)):
            log.info("inspection: other tasks:\n%s", others)
        if threads := "\n".join(_other_threads()):
            log.info("inspection: other threads:\n%s", threads)

    def _find_beginning(self, running: list[Execution]) -> tuple[JobContext, str] | None:
        """Return a job that blocks the event loop since its start, and its stack; None without one.

        From Python 3.12 on, a job runs up to its first wait before its lane knows of it.
        """
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 -- documented
        if frame is None:
            return None
        stack = loop_stack(frame)  # of this moment, as the loop goes on
        job = job_on_loop(self._loop, frame)
        if job is None or job in [execution.context for execution in running]:
            return None
        return job, stack

    def _log_job(self, execution: Execution, now: float) -> None:
        with log_as(execution.context):
            log.info(
                "inspection: has run for %.1f s. It is at:\n%s",
                max(now - execution.started_at, 0.0),
                execution.locate(),
            )

    def _other_tasks(self, running: list[Execution]) -> Iterator[str]:
        """Yield tasks that jobs, or libraries, have left running."""
        of_jobs = {task for execution in running for task in own_tasks(execution.task)}
        others = [each for each in asyncio.all_tasks(self._loop) if each not in of_jobs]
        for task in list(filter(runs_others_code, others))[:SHOWN_TASKS]:
            yield f"  {task.get_name()}:\n{task_stack(task, self._loop_thread)}"


def _other_threads() -> Iterator[str]:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames()  # noqa: SLF001 -- documented
    stacks = ((names.get(ident), other_thread_stack(frame)) for ident, frame in frames.items())
    for name, stack in islice((each for each in stacks if each[1]), SHOWN_THREADS):
        yield f"  {name or 'a thread that Python did not start'}:\n{stack}"
