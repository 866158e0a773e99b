"""Where an attempt runs: on the event loop, in a thread, or in a process."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import CoroutineType
from typing import Any, Protocol

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.outcomes import Outcome, Succeeded
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.executor.forks import exit_fork, is_fork
from jobgen_runtime.executor.hooks import with_hooks
from jobgen_runtime.executor.results import is_awaitable, require_finished
from jobgen_runtime.executor.stacks import task_stack, thread_stack
from jobgen_runtime.executor.tasks import start_own_task
from jobgen_runtime.job import Job

_SUCCEEDED = Succeeded()

_RESULT_POLL_SECONDS = 0.05
"""Seconds between two looks at a call whose thread cannot be waited for."""


class Runner(Protocol):
    """Run the attempts of one kind of job.

    Attributes:
        interruptible: Whether cancelling the task that awaits `run` always stops the work. If not,
            the task goes on until the work has ended.
    """

    job: Job[Any]
    interruptible: bool

    def run(
        self, record: JobRow, context: JobContext, begin: Callable[[], None], /
    ) -> Coroutine[Any, Any, Outcome]:
        """Call `perform`, wait until it has really ended, and return its outcome.

        Args:
            record: The argument of `perform`.
            context: The attempt's context.
            begin: Called when `perform` can start; the job's timeout counts from then on.

        Raises:
            BaseException: What `perform` raised.
        """
        ...

    def locate(self, context: JobContext, task: asyncio.Task[None], /) -> str:
        """Return where an attempt is, for the log: its stack, or its process. In any thread.

        Args:
            context: The attempt's context.
            task: The task that awaits `run`.
        """
        ...

    def close(self) -> None:
        """Release threads and processes; no more attempts follow."""


class AsyncRunner:
    """Run an async `perform` on the event loop."""

    interruptible = True

    def __init__(self, job: Job[Any], hooks: Sequence[object] = ()) -> None:
        self.job = job
        self._hooked = with_hooks(job, hooks)
        self._loop_thread = threading.get_ident()

    async def run(self, record: JobRow, _context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Await `perform`; see `Runner.run`."""
        begin()
        result: object = self._hooked.perform(record)
        if not isinstance(result, CoroutineType):
            return await _finished(result)
        result = await result
        if result is not None:
            require_finished(result)
        return _SUCCEEDED

    def locate(self, _context: JobContext, task: asyncio.Task[None]) -> str:
        """Return the stacks of the task and of those that it waits for; see `Runner.locate`."""
        return task_stack(task, self._loop_thread)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


class ThreadRunner:
    """Run a synchronous `perform` in a thread; there is one for each slot."""

    interruptible = False

    def __init__(
        self,
        job: Job[Any],
        slots: int,
        hooks: Sequence[object] = (),
        threads: Executor | None = None,
    ) -> None:
        """Prepare to run a job in `threads`; None for threads that this object starts."""
        self.job = job
        self._hooked = with_hooks(job, hooks)
        self._thread_of: dict[JobContext, int] = {}
        self._threads = threads or ThreadPoolExecutor(slots, thread_name_prefix=type(job).__name__)

    async def run(self, record: JobRow, context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Wait for the thread, and for the awaitable that it may return; see `Runner.run`.

        A cancellation does not stop the thread. It stops the awaitable.
        """
        begin()
        loop = asyncio.get_running_loop()
        call = _Call(self._hooked.perform, record, context, self._thread_of)
        thread: Future[object] | None = None
        wait: Callable[[], Awaitable[object]]
        try:
            thread = self._threads.submit(contextvars.copy_context().run, call.run)
            wait = partial(asyncio.wrap_future, thread, loop=loop)
        except RuntimeError:
            # No thread can be started, but the call is queued for those that there are.
            if call.take():
                raise
            wait = partial(asyncio.shield, start_own_task(call.poll_result()))
        is_cancelled = False
        while True:
            try:
                # A cancellation cancels this future, but not the thread. The slot must not be free
                # before the thread has ended, whatever cancels the task.
                result = await wait()
                break
            except asyncio.CancelledError:
                if thread is not None and thread.cancelled():
                    raise
                is_cancelled = True
        if result is None:
            return _SUCCEEDED
        if isinstance(result, _Raised):
            raise result.error
        if is_cancelled and is_awaitable(result):
            if isinstance(result, CoroutineType):
                result.close()
            raise asyncio.CancelledError
        return await _finished(result)

    def locate(self, context: JobContext, _task: asyncio.Task[None]) -> str:
        """Return the stack of the attempt's thread; see `Runner.locate`."""
        return thread_stack(self._thread_of.get(context))

    def close(self) -> None:
        """Let idle threads end, without waiting for them."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Raised:
    """What `perform` raised in a thread, as a value: a future does not accept StopIteration."""

    error: BaseException


class _Call:
    """A call of `perform` that happens at most once, and not at all once it is taken back."""

    __slots__ = ("_context", "_perform", "_record", "_result", "_thread_of", "_tokens")

    def __init__(
        self,
        perform: Callable[[Any], object],
        record: JobRow,
        context: JobContext,
        thread_of: dict[JobContext, int],
    ) -> None:
        self._perform = perform
        self._record = record
        self._context = context
        self._thread_of = thread_of
        # A list, because `pop` is atomic.
        self._tokens = [None]
        self._result: list[object] = []

    def take(self) -> bool:
        """Take the call, to run or drop it; return False if it was taken before. Thread-safe."""
        try:
            self._tokens.pop()
        except IndexError:
            return False
        return True

    def run(self) -> object:
        """Call `perform` in this thread, unless it has been taken back; return what it returned."""
        if not self.take():
            return None
        self._thread_of[self._context] = threading.get_ident()
        result = _catch(self._perform, self._record)
        del self._thread_of[self._context]
        self._result.append(result)
        return result

    async def poll_result(self) -> object:
        """Wait until a thread has run the call; return its result."""
        while not self._result:  # noqa: ASYNC110 -- there is nothing to wait for
            await asyncio.sleep(_RESULT_POLL_SECONDS)
        return self._result[0]


def _catch(perform: Callable[[Any], object], record: JobRow) -> object:
    try:
        result = perform(record)
    except BaseException as error:  # noqa: BLE001 -- returned as a value
        if is_fork():
            exit_fork(error)
        return _Raised(error)
    if is_fork():
        exit_fork()
    return result


async def _finished(result: object) -> Outcome:
    # A synchronous `perform` may return another function's coroutine.
    if isinstance(result, CoroutineType) or is_awaitable(result):
        result = await result  # type: ignore[misc]  # it is awaitable
    if result is not None:
        require_finished(result)
    return _SUCCEEDED
