"""Where the jobs of one kind run: on the event loop, in threads, or in processes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from jobgen_runtime.database.address import configuration, configure, database_url
from jobgen_runtime.executor import (
    AsyncRunner,
    Deadline,
    ProcessRunner,
    QuarantineRunner,
    Runner,
    ThreadRunner,
)
from jobgen_runtime.job import Job
from jobgen_runtime.project import main_modules, project_hooks, setup_modules


class LaneRunners:
    """The runner of a kind's jobs, and the one of its suspects while there are any.

    Attributes:
        regular: Runs all jobs but suspects.
        are_isolated: Whether each job runs in a separate process anyway.
        has_crashed: Whether a suspect has killed its own process since there are any.
    """

    def __init__(self, job: Job[Any], slots: int, deadline: Deadline) -> None:
        """Prepare to run a job.

        Args:
            job: The job.
            slots: How many attempts run at once, at most.
            deadline: When processes of jobs end themselves.
        """
        self._job = job
        self._deadline = deadline
        self._quarantine: QuarantineRunner | None = None
        self._can_quarantine = True
        self.has_crashed = False
        self.regular: Runner
        self._hooks = cast("Sequence[object]", project_hooks())
        self.are_isolated = not job.is_async() and job.isolation == "process"
        if job.is_async():
            self.regular = AsyncRunner(job, self._hooks)
        elif self.are_isolated:
            self.regular = self._processes()
        else:
            self.regular = ThreadRunner(job, slots, self._hooks)

    @property
    def can_quarantine(self) -> bool:
        """Return whether suspects run in separate processes, as far as is known."""
        if self._quarantine is not None and not self._quarantine.available:
            self._can_quarantine = False
        return self._can_quarantine

    def for_suspects(self) -> Runner:
        """Return the runner of suspects."""
        if self.are_isolated or not self.can_quarantine:
            return self.regular
        if self._quarantine is None:
            self._quarantine = QuarantineRunner(self._job, self._processes(main_modules()))
        return self._quarantine

    def close_quarantine(self) -> None:
        """End the processes of suspects, once there are none."""
        self.has_crashed = False
        if self._quarantine is not None and self.can_quarantine:
            self._quarantine.close()
            self._quarantine = None

    def close(self) -> None:
        """Release threads and processes; no job may start any more."""
        self.regular.close()
        if self._quarantine is not None:
            self._quarantine.close()

    async def wait_closed(self) -> None:
        """Wait until the processes that `close` has released are gone."""
        for runner in (self.regular, self._quarantine):
            if isinstance(runner, ProcessRunner | QuarantineRunner):
                await runner.wait_closed()

    def _processes(self, imports: list[str] | None = None) -> ProcessRunner:
        set_up = partial(configure, database_url(), pool_size=configuration.pool_size)
        imports = [*setup_modules(), *(imports or ())]
        hooks_module = next(iter(main_modules()), None) if self._hooks else None
        return ProcessRunner(
            self._job, set_up, self._deadline, imports=imports, hooks_module=hooks_module
        )
