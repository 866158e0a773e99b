"""Exit the process at once, whatever state its output and its threads are in."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, cast

FLUSH_SECONDS = 1.0
"""Seconds that the last output may take: the reader of a full pipe may never read."""


def exit_now(code: int, log_reason: Callable[[], object] = lambda: None) -> NoReturn:
    """Exit with `code`, without waiting for threads, tasks or functions registered with `atexit`.

    Neither a stream that a job has closed nor a pipe that is never read delays the exit by more
    than FLUSH_SECONDS.

    Args:
        code: The exit code.
        log_reason: Logs why the process exits.
    """
    try:
        # In a separate thread, because a write to a full pipe never returns.
        flushing = threading.Thread(target=_flush, args=(log_reason,), name="exit", daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)
    finally:
        os._exit(code)


def disarm_hooks_and_timers() -> None:
    """Remove the hooks and timers of jobs, which could keep the process from ending or kill it.

    Must be called in the running event loop.

    A trace function that raises ends every new thread at once. The signal of a timer kills the
    process once the interpreter has removed its handler.
    """
    # Without a function; their stubs do not know that.
    asyncio.get_running_loop().set_task_factory(None)
    threading.settrace(cast("Any", None))
    threading.setprofile(cast("Any", None))
    for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
        signal.setitimer(timer, 0)


def discard_broken_output() -> None:
    """Remove streams that cannot be flushed, for which the interpreter would exit with 120."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except Exception:  # noqa: BLE001 -- a job may have put any object there
            setattr(sys, name, None)


def _flush(log_reason: Callable[[], object]) -> None:
    for call in (log_reason, logging.shutdown, _flush_output, _flush_errors):
        # A job may have replaced or closed any handler and stream.
        with suppress(Exception):
            call()


def _flush_output() -> None:
    sys.stdout.flush()


def _flush_errors() -> None:
    sys.stderr.flush()
