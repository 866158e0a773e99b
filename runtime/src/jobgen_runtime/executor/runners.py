"""Where a `perform` runs: on the event loop, in a thread, or elsewhere."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, Protocol

from jobgen_runtime.contract import JobContext, JobRow, Outcome, Succeeded
from jobgen_runtime.job import Job

_SUCCEEDED = Succeeded()


class Runner(Protocol):
    """Where the attempts of one kind of job run."""

    job: Job[Any]
    interruptible: bool
    """Whether cancelling the task in which `run` is awaited ends the work."""

    def run(
        self, record: JobRow, context: JobContext, begin: Callable[[], None], /
    ) -> Coroutine[Any, Any, Outcome]:
        """How `perform` ended by itself, once it really has. Raises what it raised.

        `begin` is called once all is there that it needs: its time counts from then on.
        """
        ...

    def close(self) -> None:
        """No more work."""


class AsyncRunner:
    """An async `perform`."""

    interruptible = True

    def __init__(self, job: Job[Any]) -> None:
        self.job = job

    def run(
        self, record: JobRow, _context: JobContext, begin: Callable[[], None]
    ) -> Coroutine[Any, Any, Outcome]:
        """Awaits it."""
        begin()
        return _finished(self.job.perform(record))

    def close(self) -> None:
        """Nothing."""


class ThreadRunner:
    """A plain `perform`, in one of as many threads as there are slots."""

    interruptible = False

    def __init__(self, job: Job[Any], slots: int) -> None:
        self.job = job
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix=type(job).__name__)

    async def run(self, record: JobRow, _context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Waits for the thread, and for what it may hand back to be awaited."""
        begin()
        call = contextvars.copy_context().run
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._threads, call, _quietly, self.job.perform, record)
        if isinstance(result, _Raised):
            raise result.error
        return await _finished(result)

    def close(self) -> None:
        """The threads may end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a thread's `perform` raised. As a value: a future would not take StopIteration."""

    error: BaseException


def _quietly(perform: Callable[[Any], object], record: JobRow) -> object:
    try:
        return perform(record)
    except BaseException as error:  # noqa: BLE001 -- handed on as a value
        return _Raised(error)


async def _finished(result: object) -> Outcome:
    # A plain `perform` may hand back the coroutine of another.
    if isinstance(result, CoroutineType) or inspect.isawaitable(result):
        await result
    return _SUCCEEDED
