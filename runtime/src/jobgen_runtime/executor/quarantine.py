"""Run an attempt that may kill its process in a child process, whatever the job's `isolation`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.outcomes import Crashed, Interrupted, Outcome
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.executor.error_text import shorten
from jobgen_runtime.executor.outcomes import AttemptNotSent, ProcessFailed
from jobgen_runtime.executor.process import ProcessRunner
from jobgen_runtime.job import Job

log = logging.getLogger("jobgen.worker")

QUARANTINE_PROCESSES = 4
"""Suspects of a kind that run at once, at most: each needs a process that has imported the
application."""

_TURN_SECONDS = 0.5
"""Seconds that a suspect may hold a slot of its kind while it waits for a process."""

_CRASHED = (
    "The worker of an earlier attempt died, so this attempt ran in a separate process, which "
    "died too. "
)


class QuarantineRunner:
    """Run attempts in child processes, so that one that kills its process harms no other.

    Attributes:
        available: Whether the job can run in a child process. False once one did not start: an
            application may prepare something in the worker that a child does not have.
    """

    interruptible = True

    def __init__(self, job: Job[Any], processes: ProcessRunner) -> None:
        self.job = job
        self.available = True
        self._processes = processes
        self._turns = asyncio.Semaphore(QUARANTINE_PROCESSES)

    async def run(self, record: JobRow, context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Run the attempt in a child process, once it is its turn; see `Runner.run`.

        Returns:
            `Crashed` if the child died, `Interrupted` if the attempt cannot run in one, or if it is
            not its turn for long.
        """
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            return Interrupted()
        try:
            return await self._run(record, context, begin)
        finally:
            self._turns.release()

    async def _run(self, record: JobRow, context: JobContext, begin: Callable[[], None]) -> Outcome:
        try:
            await self._processes.prepare()
        except (ProcessFailed, OSError) as error:
            return self._give_up(error)
        try:
            return await self._processes.run(record, context, begin)
        except AttemptNotSent as error:
            return self._give_up(error)
        except ProcessFailed as error:
            return Crashed(shorten(f"{_CRASHED}{error}"))

    def locate(self, context: JobContext, task: asyncio.Task[None]) -> str:
        """Return the attempt's process; see `Runner.locate`."""
        return self._processes.locate(context, task)

    def close(self) -> None:
        """End idle children, and from now on each child after its attempt."""
        self._processes.close()

    async def wait_closed(self) -> None:
        """Wait until no child is left, after `close`."""
        await self._processes.wait_closed()

    def _give_up(self, error: Exception) -> Outcome:
        if self.available:
            log.warning(
                "%s cannot run in a separate process, so jobs whose worker died run in this "
                "process, one at a time: %s",
                type(self.job).__name__,
                error,
            )
        self.available = False
        return Interrupted()
