"""The line from one of several worker processes to their parent."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

HURRY = b"hurry\n"
"""What the parent says to end the grace period."""

READY = b"ready\n"
"""What a process says once it claims jobs."""


class Parent:
    """A process's end of the line, which closes with the parent, however that ends."""

    def __init__(self, descriptor: int) -> None:
        # What jobs start must not hold it open.
        os.set_inheritable(descriptor, False)
        self._socket = socket.socket(fileno=descriptor)

    def listen(self, *, hurry: Callable[[], None], gone: Callable[[], None]) -> None:
        """Calls `hurry` when the parent says so and `gone` when it has ended, from a thread."""
        threading.Thread(
            target=self._listen, args=(hurry, gone), name="parent", daemon=True
        ).start()

    def ready(self) -> None:
        """Tells the parent."""
        with suppress(OSError):
            self._socket.sendall(READY)

    def _listen(self, hurry: Callable[[], None], gone: Callable[[], None]) -> None:
        with suppress(OSError), self._socket.makefile("rb") as file:
            for line in file:
                if line == HURRY:
                    hurry()
        gone()
