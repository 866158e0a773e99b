"""`run-jobs` as a service of systemd with `Type=notify` and a watchdog."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from jobgen_runtime.cli.systemd import STATUS_SECONDS, NotifySocket, take_notify_socket

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT

WATCHDOG_SECONDS = 0.6


class Systemd:
    """The end of the socket at which systemd listens."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self.path = path

    def next_message(self, timeout: float = TIMEOUT) -> list[str]:
        """Return the lines of the next message.

        Raises:
            TimeoutError: None has come in time.
        """
        self._socket.settimeout(timeout)
        return self._socket.recv(4096).decode().splitlines()

    def wait_for(self, line: str) -> None:
        """Wait for a message with this line."""
        while line not in self.next_message():
            pass

    def wait_for_silence(self, seconds: float) -> None:
        """Wait until no message has come for so long."""
        try:
            while True:
                self.next_message(seconds)
        except TimeoutError:
            pass

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(app: Application) -> Iterator[Systemd]:
    with tempfile.TemporaryDirectory() as folder:
        service = Systemd(Path(folder, "notify"))
        app.env |= {
            "NOTIFY_SOCKET": str(service.path),
            "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)),
        }
        yield service
        service.close()


def test_worker_tells_systemd_that_it_is_ready_and_that_its_loop_is_not_blocked(
    app: Application, rows: Rows, systemd: Systemd
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("inherited", sorted({"NOTIFY_SOCKET", "WATCHDOG_USEC"} & set(os.environ)))
            while not os.path.exists("go"):
                time.sleep(0.01)
        """
    )
    worker = app.start("run-jobs")
    assert systemd.next_message()[:2] == ["READY=1", "WATCHDOG=1"]
    systemd.wait_for("STATUS=ok")
    jobs = rows.insert()
    worker.wait_for_line("inherited []")
    systemd.wait_for_silence(WATCHDOG_SECONDS)
    app.write("go", "")
    systemd.wait_for("WATCHDOG=1")
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_parent_of_several_processes_speaks_for_all(app: Application, systemd: Systemd) -> None:
    app.start("run-jobs", "--processes", "2")
    assert "READY=1" in systemd.next_message()
    for _ in range(4):
        assert "READY=1" not in systemd.next_message()


def test_systemd_that_does_not_listen_is_no_error(app: Application) -> None:
    app.env["NOTIFY_SOCKET"] = "/nothing/listens/here"
    app.start("run-jobs", "--drain").wait_for_exit()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"NOTIFY_SOCKET": "vsock:2:1234"}, None),
        ({"NOTIFY_SOCKET": "/run/n"}, NotifySocket("/run/n", STATUS_SECONDS)),
        ({"NOTIFY_SOCKET": "@n"}, NotifySocket("\0n", STATUS_SECONDS)),
        ({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000"}, NotifySocket("/run/n", 10)),
        (
            {"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())},
            NotifySocket("/n", 1),
        ),
        (
            {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"},
            NotifySocket("/run/n", STATUS_SECONDS),
        ),
    ],
)
def test_variables_of_systemd_are_read_and_not_passed_on(
    environ: dict[str, str], expected: NotifySocket | None
) -> None:
    given = {**environ, "HOME": "/root"}
    assert take_notify_socket(given) == expected
    assert given == {"HOME": "/root"}
