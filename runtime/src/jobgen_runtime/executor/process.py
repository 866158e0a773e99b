"""Run `perform` in a child process, which can be ended while the job runs.

A crash of the child fails the attempt that it runs and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.outcomes import Outcome
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.executor.child_process import ChildProcess
from jobgen_runtime.executor.deadline import Deadline
from jobgen_runtime.executor.messages import Start
from jobgen_runtime.executor.tasks import start_own_task
from jobgen_runtime.job import Job


class ProcessRunner:
    """Run attempts in child processes, each reused until it dies or is ended.

    There are at most as many children as attempts that run at once.

    Args:
        job: The job to run. Its class is imported in the child.
        set_up: Called in the child before the job is instantiated; picklable.
        deadline: The time after which a child ends itself.
        imports: Modules that the child imports before the job's.
        hooks_module: The main module, which has the hooks of the project; None if it has none.
    """

    interruptible = True

    def __init__(
        self,
        job: Job[Any],
        set_up: Callable[[], object],
        deadline: Deadline,
        *,
        imports: Sequence[str] = (),
        hooks_module: str | None = None,
    ) -> None:
        self.job = job
        self._hooks_module = hooks_module
        self._imports = imports
        self._set_up = set_up
        self._deadline = deadline
        self._idle: list[ChildProcess] = []
        self._living: set[asyncio.Future[int | None]] = set()
        """The ends of all children that have not ended."""
        self._child_of: dict[JobContext, ChildProcess] = {}
        self._closed = False

    async def run(self, record: JobRow, context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Run the attempt in an idle child, or a new one; see `Runner.run`.

        If cancelled, end the child and wait until it is gone.
        """
        await self.prepare()
        begin()
        child = self._idle.pop()
        self._child_of[context] = child
        answer = start_own_task(child.run(record, context))
        try:
            outcome = await asyncio.shield(answer)
        except asyncio.CancelledError:
            child.terminate(context.stop_reason)
            try:
                return await answer
            finally:
                child.close()
        finally:
            del self._child_of[context]
        if self._closed:
            child.close()
        else:
            self._idle.append(child)
        return outcome

    def locate(self, context: JobContext, _task: asyncio.Task[None]) -> str:
        """Return the attempt's process, which logs its own stack; see `Runner.locate`."""
        child = self._child_of.get(context)
        if child is None:
            return ""
        child.request_stack()
        return f"  process {child.pid}, which logs its stack if Python code runs there"

    async def prepare(self) -> None:
        """Make sure that an idle child has imported the job.

        Raises:
            ProcessFailed: The child does not start, or cannot run the job.
        """
        while self._idle and self._idle[-1].dead.done():
            self._idle.pop()
        if not self._idle:
            level = logging.getLogger().getEffectiveLevel()
            start = Start(self._set_up, type(self.job), level, self._hooks_module)
            child = await ChildProcess.start(start, self._deadline.descriptor, self._imports)
            self._living.add(child.dead)
            child.dead.add_done_callback(self._living.discard)
            self._idle.append(child)

    def close(self) -> None:
        """End idle children, and from now on each child after its attempt."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    async def wait_closed(self) -> None:
        """Wait until no child is left, after `close`."""
        if self._living:
            await asyncio.wait(self._living)
