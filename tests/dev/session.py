"""`jobgen dev` as its user sees it: its lines, its files, and its database."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg

from tests.support.process import BIN, Process
from tests.support.waiting import wait_for

MARK = "SESSION_OF_TEST"
"""The environment variable by which the processes of a session are found."""


class Session:
    """One `jobgen dev`, and all processes that it has started."""

    def __init__(self, root: Path, environment: dict[str, str], commands: Path = BIN) -> None:
        self.root = root
        self.environment = environment
        self.commands = commands
        self.processes: list[Process] = []

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.environment["DATABASE_URL"]

    def start(self, *options: str, folder: str = "", port: int = 0, ide: bool = False) -> Process:
        """Start the command in a folder of the application; port 0 takes any port."""
        command = [str(self.commands / "jobgen"), "dev", *options]
        command += [] if ide else ["--no-ide"]
        if port:
            command += ["--port", str(port)]
        process = Process(command, self.root / folder, self.environment)
        self.processes.append(process)
        return process

    def write(self, path: str, old: str, new: str) -> None:
        """Replace `old` in a file of the application, as an editor does that renames."""
        file = self.root / path
        text = file.read_text()
        assert old in text
        saved = file.with_suffix(".saved")
        saved.write_text(text.replace(old, new))
        saved.rename(file)

    def insert(self, name: str) -> None:
        """Insert a job."""
        with psycopg.connect(self.url) as conn:
            conn.execute("INSERT INTO greet_jobs (name) VALUES (%s)", (name,))

    def pids(self) -> list[int]:
        """Return the processes of any program that carry the session's mark."""
        mark = f"{MARK}={self.environment[MARK]}".encode()
        return [pid for pid in _all_pids() if mark in _environ(pid)]

    def wait_until_gone(self) -> None:
        """Wait until no process of the session is left."""
        wait_for(lambda: not self.pids(), lambda: f"processes are left: {self.pids()}")

    def close(self) -> None:
        """Kill the remaining processes."""
        for process in self.processes:
            process.close()
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)


def _all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environ(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
