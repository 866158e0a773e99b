"""What a worker process is told from outside: to end, and to hurry."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress

from jobgen_runtime.supervisor.parent import Parent

log = logging.getLogger("jobgen.worker")


class Orders:
    """By signals, or by the parent of a process that is one of several."""

    def __init__(self, parent: Parent | None) -> None:
        self.end = asyncio.Event()
        """Set at the first order."""
        self.hurry = asyncio.Event()
        """Set at the second."""
        self.parent_is_gone = False
        """Whether the first order came from the end of the parent."""
        self._parent = parent

    def heed(self) -> None:
        """From now on."""
        loop = asyncio.get_running_loop()
        if self._parent is None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._on_signal)
            return
        # Whoever signals the parent may signal its children too, so only the parent counts.
        loop.add_signal_handler(signal.SIGTERM, self.end.set)
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        self._parent.listen(
            hurry=lambda: call_in(loop, self.hurry.set),
            gone=lambda: call_in(loop, self._lose_parent),
        )

    def _on_signal(self) -> None:
        if self.end.is_set():
            self.hurry.set()
        self.end.set()

    def _lose_parent(self) -> None:
        self.parent_is_gone = not self.end.is_set()
        self.end.set()

    def log_shutdown(self) -> None:
        """Log why the process shuts down, if it was asked to.

        To be called once nothing is claimed any more: whoever reads the line may rely on it.
        """
        if self.parent_is_gone:
            log.warning("the parent of this process is gone: it ends too")
        elif self.end.is_set():
            log.info("told to end")


def call_in(
    loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object
) -> None:
    """From a thread to the loop; at the very end there is no loop any more."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)
