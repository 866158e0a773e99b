"""An event loop in a separate thread, for asynchronous code that synchronous views call."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_STOP_SECONDS = 5.0

_loops: dict[int, asyncio.AbstractEventLoop] = {}
_starting = threading.Lock()


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on this process's loop, which starts with the first one.

    A forked process gets its own, as each worker of a web server that has loaded the application
    before it forks.
    """
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())


def is_running() -> bool:
    """Return whether this process has started its loop."""
    return os.getpid() in _loops


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        loop = _loops.get(os.getpid())
        if loop is None:
            # uvloop and others belong to the application's own loop.
            loop = asyncio.SelectorEventLoop()
            thread = threading.Thread(target=_run, args=[loop], name="jobs dashboard", daemon=True)
            thread.start()
            _loops[os.getpid()] = loop
            atexit.register(_stop, loop, thread, os.getpid())
        return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread, pid: int) -> None:
    if os.getpid() == pid:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_STOP_SECONDS)
