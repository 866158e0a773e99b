"""The channel between a worker process and its supervisor: one socket, one message a line."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict

from jobgen_runtime.metrics import ProcessMetrics, Reading
from jobgen_runtime.supervisor.health import HealthSigns

INSPECT = b"inspect\n"
"""The supervisor's message that asks a process to log what it runs."""

FORCED = b"forced\n"
"""The supervisor's message that ends the grace period."""

READY = b"ready\n"
"""A process's message that it claims jobs. It also sends health signs and metrics, as JSON."""

SEND_COUNTS = b"counts\n"
"""The supervisor's request for what a process has counted."""

SEND_FIGURES = b"figures\n"
"""Its request for that, and for the figures of the database."""

METRICS = b"metrics "
"""The start of a process's answer to these two; JSON follows."""

MAX_MESSAGE_BYTES = 16_000_000
"""The longest message: each kind of job takes about 1 KB of the metrics."""

RECYCLE = b"recycle\n"
"""A process's message that it shuts down so that a fresh one takes its place."""

HEALTH_REPORT_SECONDS = 1.0
"""Seconds between two reports of the health signs."""


class SupervisorChannel:
    """A worker process's end of the channel to its supervisor.

    The socket closes when the supervisor exits, however it exits.
    """

    def __init__(self, descriptor: int) -> None:
        """Take over the socket with the file descriptor `descriptor`."""
        # Processes that jobs start must not keep the socket open.
        os.set_inheritable(descriptor, False)
        self._socket = socket.socket(fileno=descriptor)
        self._sending = threading.Lock()
        self._metrics: ProcessMetrics | None = None

    def fileno(self) -> int:
        """Return the socket's file descriptor."""
        return self._socket.fileno()

    def listen(
        self,
        *,
        on_forced: Callable[[], None],
        on_inspect: Callable[[], None],
        on_disconnect: Callable[[], None],
    ) -> None:
        """Start a thread that reads the supervisor's messages.

        Args:
            on_forced: Called in that thread when the supervisor ends the grace period.
            on_inspect: Called in that thread when it asks what this process runs.
            on_disconnect: Called in that thread when the supervisor has exited.
        """
        callbacks = {FORCED: on_forced, INSPECT: on_inspect}
        if self._metrics is not None:
            callbacks |= {SEND_COUNTS: self.send_counts, SEND_FIGURES: self._send_figures}
        _start_thread(self._listen, callbacks, on_disconnect)

    def report_health(self, signs: HealthSigns) -> None:
        """Start a thread that sends `signs` repeatedly, even while the event loop is blocked."""
        _start_thread(self._report_health, signs)

    def report_metrics(self, metrics: ProcessMetrics) -> None:
        """Answer the supervisor's requests for metrics once `listen` is called."""
        self._metrics = metrics
        metrics.on_read = self._send_reading

    def send_counts(self) -> None:
        """Send what this process has counted. Called in any thread."""
        if self._metrics is not None:
            self._send_metrics({"counts": asdict(self._metrics.counts())})

    def report_ready(self) -> None:
        """Tell the supervisor that this process claims jobs."""
        self._send(READY)

    def report_recycling(self) -> None:
        """Tell the supervisor that this process shuts down to be replaced by a fresh one."""
        self._send(RECYCLE)

    def _listen(
        self, callbacks: Mapping[bytes, Callable[[], None]], on_disconnect: Callable[[], None]
    ) -> None:
        with suppress(OSError), self._socket.makefile("rb") as file:
            for line in file:
                if line in callbacks:
                    callbacks[line]()
        on_disconnect()

    def _report_health(self, signs: HealthSigns) -> None:
        while self._send(json.dumps(asdict(signs)).encode() + b"\n"):
            time.sleep(HEALTH_REPORT_SECONDS)

    def _send_figures(self) -> None:
        self.send_counts()
        if self._metrics is not None:
            self._metrics.request_reading()

    def _send_reading(self, reading: Reading) -> None:
        self._send_metrics({"reading": asdict(reading)})

    def _send_metrics(self, content: object) -> None:
        self._send(METRICS + json.dumps(content).encode() + b"\n")

    def _send(self, line: bytes) -> bool:
        try:
            with self._sending:
                self._socket.sendall(line)
        except OSError:
            return False
        return True


def _start_thread(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, name="supervisor", daemon=True).start()


def parse_health_signs(line: bytes) -> HealthSigns:
    """Read a process's health message."""
    return HealthSigns(**json.loads(line))
