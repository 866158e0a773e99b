"""How the one attempt has ended, and what it raised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Error

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.contract.outcomes import Outcome
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.executor import Runner
from jobgen_runtime.job import Job


@dataclass(frozen=True, slots=True)
class Ending:
    """How the attempt has ended.

    Attributes:
        text: The end, for people.
        code: The exit code of the command.
        error: What `perform` raised; None if it returned, or was not called.
    """

    text: str
    code: int
    error: BaseException | None = None


@contextmanager
def explaining_refusal(job: UUID) -> Iterator[None]:
    """Explain why the database refuses the claim of a job.

    Raises:
        JobgenRuntimeError: It does.
    """
    try:
        yield
    except Error as error:
        raise JobgenRuntimeError(
            f"The database refuses to start the job {job}: {server_reason(error)}"
        ) from error


class RecordingRunner:
    """Run attempts as another runner does, and keep what the last one raised.

    Attributes:
        error: What `perform` raised, with its frames; None if it returned.
    """

    def __init__(self, runner: Runner) -> None:
        self.job: Job[Any] = runner.job
        self.interruptible = runner.interruptible
        self.error: BaseException | None = None
        self._runner = runner

    async def run(self, record: JobRow, context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Call `perform`; see `Runner.run`."""
        try:
            return await self._runner.run(record, context, begin)
        except BaseException as error:
            self.error = error
            raise

    def locate(self, context: JobContext, task: asyncio.Task[None]) -> str:
        """Return where the attempt is; see `Runner.locate`."""
        return self._runner.locate(context, task)

    def close(self) -> None:
        """Release what the other runner has."""
        self._runner.close()
