"""Tell systemd that the worker runs (`Type=notify`), and that its event loop is not blocked.

The protocol: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from jobgen_runtime.contract.clock import now
from jobgen_runtime.supervisor import HealthSigns, WorkerSettings, check_health, worst

STATUS_SECONDS = 5.0
"""Seconds between two messages where systemd has no watchdog for the service."""

MESSAGES_PER_TIMEOUT = 3
"""Messages in the time after which systemd's watchdog would end the worker."""


@dataclass(frozen=True)
class NotifySocket:
    """Where systemd listens, and how often it wants to hear that the worker is alive."""

    address: str
    interval: float
    """Seconds between two messages."""

    def send(self, *lines: str) -> None:
        """Send one message. systemd that does not listen is not an error of the worker."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, suppress(OSError):
            client.setblocking(False)
            client.sendto("\n".join(lines).encode(), self.address)


def take_notify_socket(environ: MutableMapping[str, str]) -> NotifySocket | None:
    """Return the socket that systemd has named, and remove it from the environment.

    What jobs start must not speak for the worker.

    Returns:
        None if systemd did not start this process as a service with `Type=notify`.
    """
    address = environ.pop("NOTIFY_SOCKET", "")
    microseconds, pid = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
    if not address.startswith(("/", "@")):
        return None
    has_watchdog = microseconds.isdecimal() and pid in {"", str(os.getpid())}
    seconds = int(microseconds) / 1e6 / MESSAGES_PER_TIMEOUT if has_watchdog else STATUS_SECONDS
    if address.startswith("@"):  # in the abstract namespace
        address = f"\0{address[1:]}"
    return NotifySocket(address, seconds)


@asynccontextmanager
async def notifying_systemd(
    notify_socket: NotifySocket | None,
    read_signs: Callable[[], Sequence[HealthSigns]],
    settings: WorkerSettings,
) -> AsyncIterator[None]:
    """Tell systemd that the service is ready, and from then on that the running loop is alive.

    A worker that waits for the database is alive: restarting it would not help, and would interrupt
    its jobs. Its health is the service's status text.

    Args:
        notify_socket: Where systemd listens; None to do nothing.
        read_signs: Returns the health signs of all processes.
        settings: The settings of the processes.
    """
    if notify_socket is None:
        yield
        return

    async def notify() -> None:
        ready = ["READY=1"]
        while True:
            health = worst([check_health(each, settings, now()) for each in read_signs()])
            notify_socket.send(*ready, "WATCHDOG=1", f"STATUS={health.value}")
            ready = []
            await asyncio.sleep(notify_socket.interval)

    task = asyncio.create_task(notify())
    try:
        yield
    finally:
        task.cancel()
