"""Start helper processes that SIGUSR1 does not end.

A service manager may send it to all processes of a service. Its default effect is to end a process,
and a program handles it only once it has begun to run.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sigusr1_blocked() -> Iterator[None]:
    """Block SIGUSR1 in this thread, and in the processes that are started within the block."""
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)
