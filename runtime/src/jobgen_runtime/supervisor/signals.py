"""The signals that shut a worker process down."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import Any

from jobgen_runtime.executor import guard_signals
from jobgen_runtime.supervisor.channel import SupervisorChannel
from jobgen_runtime.supervisor.inspection import request_inspection
from jobgen_runtime.supervisor.threads import call_in_loop

log = logging.getLogger("jobgen.worker")

RESTORE_HANDLERS_SECONDS = 1.0
"""Seconds between two checks that no job has replaced the signal handlers."""


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
        self._callbacks: dict[signal.Signals, Callable[[], object]] = {}
        self._handlers: dict[signal.Signals, Any] = {}
        self._wakeup = -1
        self._is_warned = False

    def install(self) -> None:
        """Start to listen for requests; must be called in the running event loop."""
        loop = asyncio.get_running_loop()
        if self._supervisor is None:
            self._callbacks = dict.fromkeys((signal.SIGTERM, signal.SIGINT), self._on_signal)
            self._begin(loop)
            return
        # A terminal and service managers signal the children as well as the supervisor, so only
        # the supervisor's own requests count.
        self._callbacks = {signal.SIGTERM: self.graceful.set, signal.SIGINT: lambda: None}
        self._begin(loop)
        self._supervisor.listen(
            on_forced=lambda: call_in_loop(loop, self.forced.set),
            on_inspect=request_inspection,
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

    def restore_handlers(self) -> None:
        """Install the handlers again if a job, or a library that it uses, has replaced them."""
        replaced = any(signal.getsignal(number) != own for number, own in self._handlers.items())
        is_detached = signal.set_wakeup_fd(self._wakeup) != self._wakeup
        if replaced:
            self._install_handlers(asyncio.get_running_loop())
        if (replaced or is_detached) and not self._is_warned:
            self._is_warned = True
            log.warning(
                "a job or a library has replaced the worker's handler of SIGTERM or SIGINT: "
                "restoring it, so that the worker can be shut down"
            )

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._install_handlers(loop)
        # The loop reads from its other end which signals have arrived.
        self._wakeup = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(self._wakeup)
        self._keep_handlers(loop)

    def _keep_handlers(self, loop: asyncio.AbstractEventLoop) -> None:
        self.restore_handlers()
        # Repairs what Python does not know of, too, such as a handler that C code has set.
        self._install_handlers(loop)
        loop.call_later(RESTORE_HANDLERS_SECONDS, self._keep_handlers, loop)

    def _install_handlers(self, loop: asyncio.AbstractEventLoop) -> None:
        for number, callback in self._callbacks.items():
            loop.add_signal_handler(number, callback)
            self._handlers[number] = signal.getsignal(number)
        guard_signals(runs_several_jobs=True)

    def _on_signal(self) -> None:
        if self.graceful.is_set():
            self.forced.set()
        self.graceful.set()

    def _on_disconnect(self) -> None:
        if not self.graceful.is_set():
            self.is_supervisor_lost = True
        self.graceful.set()
