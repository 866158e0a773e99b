"""Make sure that a worker process exits, whatever its jobs have left behind."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress

from jobgen_runtime.executor import exit_now

log = logging.getLogger("jobgen.worker")

FORCED_EXIT_AFTER = 5.0
"""Seconds that threads and tasks left behind by jobs may take to end."""


def force_exit_later(code: int) -> None:
    """End this process with exit code `code` after FORCED_EXIT_AFTER, unless it has exited before.

    A task that ignores its cancellation, or a thread that a job has started, would block the exit
    forever: asyncio and the interpreter wait for them without a limit.
    """
    # The system may let this process start no thread any more.
    with suppress(RuntimeError):
        threading.Thread(target=_exit, args=(code,), name="forced exit", daemon=True).start()


def _exit(code: int) -> None:
    time.sleep(FORCED_EXIT_AFTER)
    exit_now(code, _log_exit)


def _log_exit() -> None:
    log.warning("threads or tasks left behind by jobs did not end: exiting anyway")
