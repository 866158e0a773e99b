"""Run the event loop of a drain in another thread, and synchronous jobs in the caller's.

So what belongs to the caller's thread is theirs, too: the connections of Django, the debugger, and
the absence of a running event loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, TypeVar

from jobgen_runtime.testing.errors import TestingError

T = TypeVar("T")
Main = Callable[[Executor | None], Coroutine[Any, Any, T]]
"""What a drain does in its event loop. It is given where synchronous jobs run."""

Call = Callable[[], None]


def run_in_caller_thread(main: Main[T]) -> T:
    """Run `main` in a separate event loop, and synchronous jobs in this thread meanwhile.

    Raises:
        TestingError: An event loop runs in this thread.
    """
    __tracebackhide__ = True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise TestingError(
            "drain_sync() was called where an event loop runs, which would stand still.",
            hint="Use `await drain()`.",
        )
    if asgiref_calls := _asgiref_executor():
        result: T = importlib.import_module("asgiref.sync").async_to_sync(main)(asgiref_calls)
        return result
    return _CallerThread().run(main)


def executor_of_loop() -> Executor | None:
    """Return where synchronous jobs of `drain` run; None for a thread of each kind.

    Where Django is used, that is the thread in which it runs synchronous code.
    """
    return _asgiref_executor()


class _CallerThread(Executor):
    """Run calls in the thread that waits for an event loop in another one."""

    def __init__(self) -> None:
        self._calls = SimpleQueue[Call | None]()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let the caller's thread call a function."""
        future: Future[Any] = Future()
        self._calls.put(lambda: _call(future, lambda: fn(*args, **kwargs)))
        return future

    def run(self, main: Main[T]) -> T:
        """Run a coroutine in a new event loop, until it ends; make the calls meanwhile."""
        __tracebackhide__ = True
        outcome: Future[T] = Future()
        tasks: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

        async def run_main() -> T:
            __tracebackhide__ = True
            task = asyncio.ensure_future(main(self))
            tasks.append((asyncio.get_running_loop(), task))
            return await task

        def run_loop() -> None:
            try:
                _call(outcome, lambda: asyncio.run(run_main()))
            finally:
                self._calls.put(None)

        variables = contextvars.copy_context()
        thread = threading.Thread(target=variables.run, args=(run_loop,), name="jobgen drain")
        thread.start()
        try:
            while (call := self._calls.get()) is not None:
                call()
        except BaseException:
            for loop, task in tasks:
                loop.call_soon_threadsafe(task.cancel)
            raise
        finally:
            thread.join()
        return outcome.result()


class _AsgirefThread(Executor):
    """Run calls where Django runs synchronous code."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let Django's thread call a function; called in the event loop."""
        future: Future[Any] = Future()
        call = importlib.import_module("asgiref.sync").sync_to_async(fn, thread_sensitive=True)

        async def wait() -> None:
            try:
                future.set_result(await call(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 -- whatever the call raises
                future.set_exception(error)

        self._task = asyncio.ensure_future(wait())
        return future


def _asgiref_executor() -> Executor | None:
    return _AsgirefThread() if "django.db" in sys.modules else None


def _call(future: Future[T], function: Callable[[], T]) -> None:
    __tracebackhide__ = True
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 -- whatever the function raises
        future.set_exception(error)
