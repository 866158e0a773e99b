"""The signals that shut a worker process down."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress

from jobgen_runtime.supervisor.channel import SupervisorChannel

log = logging.getLogger("jobgen.worker")


class ShutdownSignals:
    """Requests to shut down, from the operating system or from this process's supervisor."""

    def __init__(self, supervisor: SupervisorChannel | None) -> None:
        """Prepare the events; `supervisor` is None for a process without one."""
        self.graceful = asyncio.Event()
        """Set at the first request: stop claiming, let running jobs finish."""
        self.forced = asyncio.Event()
        """Set at the second request: the grace period is over."""
        self.is_supervisor_lost = False
        """Whether the supervisor exited before it requested the shutdown."""
        self._supervisor = supervisor

    def install(self) -> None:
        """Start to listen for requests; must be called in the running event loop."""
        loop = asyncio.get_running_loop()
        if self._supervisor is None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._on_signal)
            return
        # A terminal and service managers signal the children as well as the supervisor, so only
        # the supervisor's own requests count.
        loop.add_signal_handler(signal.SIGTERM, self.graceful.set)
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        self._supervisor.listen(
            on_forced=lambda: call_in_loop(loop, self.forced.set),
            on_disconnect=lambda: call_in_loop(loop, self._on_disconnect),
        )

    def log_request(self) -> None:
        """Log why this process shuts down, if it was requested to.

        Must be called after claiming has stopped, because readers of the line rely on that.
        """
        if self.is_supervisor_lost:
            log.warning("the supervisor of this process is gone: shutting down")
        elif self.graceful.is_set():
            log.info("shutdown requested")

    def _on_signal(self) -> None:
        if self.graceful.is_set():
            self.forced.set()
        self.graceful.set()

    def _on_disconnect(self) -> None:
        if not self.graceful.is_set():
            self.is_supervisor_lost = True
        self.graceful.set()


def call_in_loop(
    loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object
) -> None:
    """Schedule `call(*arguments)` in the event loop, from any thread; a closed loop ignores it."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)
