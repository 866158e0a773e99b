"""Workers under measurement: processes started for a database, watched, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.queues.handlers import Handler
from benchmarks.queues.machine import cpu_seconds, peak_memory
from benchmarks.queues.starts import Starts
from benchmarks.queues.system import System, WorkerOptions

_POLL = 0.01
_LOG_LINES = 15
_SETTLE = 1.0


class Failure(Exception):
    """A system did not do what was measured; the message says what, for the table's reader."""


@dataclass(frozen=True)
class Worker:
    """One worker: its processes, the starts of its jobs, and its log."""

    name: str
    processes: list[subprocess.Popen[bytes]]
    starts: Starts
    log: Path

    def cpu_seconds(self) -> float:
        """CPU time of all its processes."""
        return cpu_seconds(process.pid for process in self.processes)

    def peak_memory(self) -> float:
        """The highest memory, in MB, of all its processes, without the benchmark's own log."""
        return peak_memory((process.pid for process in self.processes), self.starts.folder)

    def check(self) -> None:
        """Raise if one of its processes has ended, with the end of its log."""
        for process in self.processes:
            if process.poll() is not None:
                lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
                log = "\n".join(lines) or "(its log is empty)"
                raise Failure(f"the worker of {self.name} ended ({process.returncode}):\n{log}")

    def settle(self) -> None:
        """Give it the time to find out that there is nothing more to do."""
        time.sleep(_SETTLE)
        self.check()

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds: whether it did within `seconds`."""
        end = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL)
        return True


@contextmanager
def worker(
    system: System, options: WorkerOptions, handler: Handler, slots: int
) -> Iterator[Worker]:
    """A worker of `system` whose jobs do what `handler` says; at the end it is killed."""
    with tempfile.TemporaryDirectory(prefix="jobgen-bench-") as folder:
        starts = Starts(Path(folder, "starts"), slots)
        starts.folder.mkdir()
        log = Path(folder, "log")
        environment = {**os.environ, **handler.environment(), **starts.environment()}
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        processes: list[subprocess.Popen[bytes]] = []
        try:
            for command in system.worker_commands(options):
                processes.append(_start(command, environment, log))  # noqa: PERF401 - what has
                # been started is ended, even if the next cannot be
            yield Worker(system.name, processes, starts, log)
        finally:
            for process in processes:
                _end(process)


def _start(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children; its database goes too, so nothing needs an order."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
