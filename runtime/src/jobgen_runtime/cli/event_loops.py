"""The event loops that a worker can run on."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.executor import exit_fork, is_fork

log = logging.getLogger("jobgen.worker")

T = TypeVar("T")

EVENT_LOOPS = ("auto", "asyncio", "uvloop")

LOOKUP_THREADS = 32
"""Host names that are looked up at once."""


class _AsyncioLoop(asyncio.SelectorEventLoop):
    """The event loop of asyncio, with separate threads to look up host names.

    The loop's default executor, which does that otherwise, also runs the calls of
    `asyncio.to_thread`: jobs that fill it must not keep the worker from connecting.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lookups = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="host names")

    async def getaddrinfo(self, *arguments: Any, **options: Any) -> Any:
        call = partial(socket.getaddrinfo, *arguments, **options)
        return await self.run_in_executor(self._lookups, call)

    async def getnameinfo(self, *arguments: Any, **options: Any) -> Any:
        call = partial(socket.getnameinfo, *arguments, **options)
        return await self.run_in_executor(self._lookups, call)

    def close(self) -> None:
        super().close()
        self._lookups.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class EventLoop:
    """An event loop's name, and its factory for `asyncio.Runner`."""

    name: str
    factory: Callable[[], asyncio.AbstractEventLoop]


def choose_event_loop(choice: str) -> EventLoop:
    """Return the event loop for one of EVENT_LOOPS; `auto` is uvloop if it is installed.

    Raises:
        JobgenRuntimeError: uvloop was chosen but is not installed.
    """
    if choice == "asyncio" or (choice == "auto" and find_spec("uvloop") is None):
        return EventLoop("asyncio", _AsyncioLoop)
    try:
        new_event_loop = import_module("uvloop").new_event_loop
    except ImportError as error:
        raise JobgenRuntimeError(
            f"uvloop cannot be used: {error}.",
            hint="Install it with `pip install 'jobgen-runtime[uvloop]'`, or use `--loop asyncio`.",
        ) from None
    return EventLoop("uvloop", new_event_loop)


def run_to_its_end(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """Run a coroutine on the loop until it returns, even if a job stops the loop.

    A SystemExit or KeyboardInterrupt of any task or callback leaves the loop, too, as does whatever
    a signal handler of a job raises.
    """
    task = loop.create_task(coroutine)
    is_warned = False
    while True:
        try:
            return loop.run_until_complete(task)
        except BaseException as error:
            if is_fork():
                exit_fork(error)
            if task.done() or loop.is_closed():
                raise
            if isinstance(error, KeyboardInterrupt) and _interrupts_python():
                signal.raise_signal(signal.SIGTERM)
            elif not is_warned:
                is_warned = True
                log.warning(
                    "a job, or a library that it uses, stopped the event loop: resuming it (%s)",
                    type(error).__name__,
                )


def _interrupts_python() -> bool:
    """Return whether Ctrl-C raises KeyboardInterrupt, because a job has replaced its handler."""
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler
