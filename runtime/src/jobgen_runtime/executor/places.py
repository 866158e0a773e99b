"""Where a `perform` runs: on the event loop, in a thread, or elsewhere."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, Protocol

from jobgen_runtime.contract import Hold, JobRow, Outcome, Succeeded
from jobgen_runtime.executor.context import JobContext
from jobgen_runtime.job import Job

_SUCCEEDED = Succeeded()


@dataclass(slots=True, eq=False)
class Work:
    """One attempt at one job."""

    job: Job[Any]
    record: JobRow
    context: JobContext
    hold: Hold


class Place(Protocol):
    """Where the attempts of one kind of job run."""

    endable: bool
    """Whether cancelling the task in which `run` is awaited ends the work."""

    async def prepare(self) -> None:
        """What must be there before an attempt can begin; its timeout starts after it."""

    async def run(self, work: Work) -> Outcome:
        """How `perform` ended by itself, once it really has. Raises what it raised."""
        ...

    def close(self) -> None:
        """No more work."""


class OnLoop:
    """An async `perform`."""

    endable = True

    async def prepare(self) -> None:
        """Nothing."""

    async def run(self, work: Work) -> Outcome:
        """Awaits it."""
        return await _finished(work.job.perform(work.record))

    def close(self) -> None:
        """Nothing."""


class InThread:
    """A plain `perform`, in one of as many threads as there are slots."""

    endable = False

    def __init__(self, name: str, slots: int) -> None:
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix=name)

    async def prepare(self) -> None:
        """Nothing."""

    async def run(self, work: Work) -> Outcome:
        """Waits for the thread, and for what it may hand back to be awaited."""
        call = contextvars.copy_context().run
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(
            self._threads, call, _quietly, work.job.perform, work.record
        )
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
