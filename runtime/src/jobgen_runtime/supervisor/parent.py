"""The line from one of several worker processes to their parent."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from jobgen_runtime.supervisor.vitals import Vitals

HURRY = b"hurry\n"
"""What the parent says to end the grace period."""

READY = b"ready\n"
"""What a process says once it claims jobs. Its other lines are its vitals, as JSON."""

EVERY = 1.0
"""Seconds from one report to the next."""


class Parent:
    """A process's end of the line, which closes with the parent, however that ends."""

    def __init__(self, descriptor: int) -> None:
        # What jobs start must not hold it open.
        os.set_inheritable(descriptor, False)
        self._socket = socket.socket(fileno=descriptor)
        self._sending = threading.Lock()

    def listen(self, *, hurry: Callable[[], None], gone: Callable[[], None]) -> None:
        """Calls `hurry` when the parent says so and `gone` when it has ended, from a thread."""
        _in_thread(self._listen, hurry, gone)

    def report(self, vitals: Vitals) -> None:
        """Tells the parent again and again, from a thread: also of a loop that is blocked."""
        _in_thread(self._report, vitals)

    def ready(self) -> None:
        """Tells the parent."""
        self._send(READY)

    def _listen(self, hurry: Callable[[], None], gone: Callable[[], None]) -> None:
        with suppress(OSError), self._socket.makefile("rb") as file:
            for line in file:
                if line == HURRY:
                    hurry()
        gone()

    def _report(self, vitals: Vitals) -> None:
        while self._send(json.dumps(asdict(vitals)).encode() + b"\n"):
            time.sleep(EVERY)

    def _send(self, line: bytes) -> bool:
        try:
            with self._sending:
                self._socket.sendall(line)
        except OSError:
            return False
        return True


def _in_thread(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, name="parent", daemon=True).start()


def read_vitals(line: bytes) -> Vitals:
    """What a process has reported."""
    return Vitals(**json.loads(line))
