"""Runs one `perform`, and says how it ended as a value."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from jobgen_runtime.contract import Failed, JobRow, Outcome, Released, Succeeded, TimedOut
from jobgen_runtime.executor.context import JobContext, about, current_job
from jobgen_runtime.executor.errors import describe
from jobgen_runtime.job import Job

log = logging.getLogger("jobgen.job")

PATIENCE = 5.0
"""Seconds from the request to end until the log says that the job does not."""


class _Stop(Enum):
    TIMEOUT = "its timeout"
    RELEASE = "the worker's request to end"


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a thread's `perform` raised. As a value: a future would not take StopIteration."""

    error: BaseException


class Run:
    """One attempt under way. Ends once: when its coroutine or thread has really ended."""

    def __init__(
        self,
        job: Job[Any],
        record: JobRow,
        context: JobContext,
        threads: ThreadPoolExecutor,
        on_end: Callable[[Outcome], None],
        *,
        in_thread: bool,
    ) -> None:
        self.in_thread = in_thread
        self._job = job
        self._record = record
        self._context = context
        self._threads = threads
        self._on_end = on_end
        self._stop: _Stop | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._loop = asyncio.get_running_loop()
        if job.timeout is not None:
            self._later(job.timeout.total_seconds(), self._end, _Stop.TIMEOUT)
        self._task = self._loop.create_task(self._run(job.timeout))

    def release(self) -> None:
        """Asks it to end, for the worker's own reasons. A thread cannot be asked."""
        self._end(_Stop.RELEASE)

    async def _run(self, timeout: timedelta | None) -> None:  # noqa: ASYNC109 -- only named in the error
        current_job.set(self._context)
        raised: BaseException | None = None
        try:
            await self._perform()
        except BaseException as error:  # noqa: BLE001 -- whatever a job does must end as its outcome
            raised = error
        for timer in self._timers:
            timer.cancel()
        self._on_end(_outcome(self._stop, raised, timeout))

    async def _perform(self) -> None:
        result: object
        if self.in_thread:
            result = await self._in_thread()
        else:
            result = self._job.perform(self._record)
        # A plain `perform` may hand back the coroutine of another.
        if inspect.isawaitable(result):
            await result

    async def _in_thread(self) -> object:
        call = contextvars.copy_context().run
        result = await self._loop.run_in_executor(
            self._threads, call, _quietly, self._job.perform, self._record
        )
        if isinstance(result, _Raised):
            raise result.error
        return result

    def _end(self, reason: _Stop) -> None:
        if self._stop is None and not self._task.done():
            self._stop = reason
            self._later(PATIENCE, self._complain)
            if not self.in_thread:
                self._task.cancel()

    def _complain(self) -> None:
        reason = self._stop.value if self._stop else ""
        with about(self._context):
            log.warning(
                "still runs %g s after %s; its slot stays taken until it ends", PATIENCE, reason
            )

    def _later(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        self._timers.append(self._loop.call_later(seconds, call, *arguments))


def _quietly(perform: Callable[[Any], object], record: JobRow) -> object:
    try:
        return perform(record)
    except BaseException as error:  # noqa: BLE001 -- handed on as a value
        return _Raised(error)


def _outcome(
    stop: _Stop | None, raised: BaseException | None, timeout: timedelta | None
) -> Outcome:
    if stop is _Stop.TIMEOUT:
        late = "" if raised is None else f"\n\n{describe(raised)}"
        return TimedOut(f"It ran longer than its timeout of {timeout}.{late}")
    if raised is None:
        return Succeeded()
    if stop is _Stop.RELEASE:
        return Released()
    return Failed(describe(raised))
