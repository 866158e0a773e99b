"""Threads that belong to the worker, and calls between them and the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


def call_in_loop(
    loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object
) -> None:
    """Schedule `call(*arguments)` in the event loop, from any thread; a closed loop ignores it."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)


async def run_in_own_thread(call: Callable[[], object]) -> None:
    """Run `call` in a new thread and wait for its end; what it raises is printed.

    `asyncio.to_thread` would wait for the calls of jobs, which may fill all threads that it has.
    """
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def run() -> None:
        try:
            call()
        finally:
            call_in_loop(loop, ended.set)

    try:
        threading.Thread(target=run, name="shutdown", daemon=True).start()
    except RuntimeError:
        # The system lets this process start no thread any more, so `call` may not either.
        with suppress(RuntimeError):
            call()
    else:
        await ended.wait()
