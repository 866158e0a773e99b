"""The last seconds of a worker process."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from contextlib import suppress

log = logging.getLogger("jobgen.worker")

PATIENCE = 5.0
"""Seconds that what jobs have left behind gets to end."""


def end_in_any_case(code: int) -> None:
    """Ends this process with that code after PATIENCE, should it not have ended by itself.

    A task that does not let itself be cancelled or a thread that a job has started would hold it up
    for ever: asyncio and the interpreter wait for them without a limit.
    """
    threading.Thread(target=_end, args=(code,), name="ending", daemon=True).start()


def _end(code: int) -> None:
    time.sleep(PATIENCE)
    log.warning("threads or tasks that jobs have left behind do not end: this process ends first")
    with suppress(OSError, ValueError):
        logging.shutdown()
        sys.stdout.flush()
    os._exit(code)
