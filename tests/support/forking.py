"""Run a part of a test in a forked process, as a server with a preloaded application does."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable

LIMIT_SECONDS = 120
"""After which the forked process is killed, so that a deadlock fails the test."""


def run_in_fork(body: Callable[[], object]) -> str:
    """Run the body in a forked process; return what it returns, or its error, as text."""
    sys.stdout.flush()
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LIMIT_SECONDS)
        try:
            text = str(body())
        except BaseException:  # noqa: BLE001 -- the parent reports it
            text = traceback.format_exc()
        os.write(write_end, text.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return text
