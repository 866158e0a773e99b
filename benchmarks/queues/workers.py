"""Start, watch and kill the worker processes of a measurement."""

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

_POLL_SECONDS = 0.01
_LOG_LINES = 15
_SETTLE_SECONDS = 1.0


class Failure(Exception):
    """A system did not do what was measured. The report shows the first line of the message."""


@dataclass(frozen=True)
class Worker:
    """A running worker: its processes, the starts of its jobs, and its log file."""

    name: str
    processes: list[subprocess.Popen[bytes]]
    starts: Starts
    log: Path

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its processes."""
        return cpu_seconds(process.pid for process in self.processes)

    def peak_memory(self) -> float:
        """Return the peak memory, in MB, of all its processes, without the log of starts."""
        return peak_memory((process.pid for process in self.processes), self.starts.folder)

    def check(self) -> None:
        """Check that all processes run.

        Raises:
            Failure: A process has ended; the message has the end of its log.
        """
        for process in self.processes:
            if process.poll() is not None:
                lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
                log = "\n".join(lines) or "(its log is empty)"
                raise Failure(f"The worker of {self.name} ended ({process.returncode}):\n{log}")

    def settle(self) -> None:
        """Wait until the worker has noticed that no job is left.

        Raises:
            Failure: A process has ended.
        """
        time.sleep(_SETTLE_SECONDS)
        self.check()

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds; return False if it does not within `seconds`.

        Raises:
            Failure: A process has ended.
        """
        end = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL_SECONDS)
        return True


@contextmanager
def worker(
    system: System, options: WorkerOptions, handler: Handler, slots: int
) -> Iterator[Worker]:
    """Run a worker of `system` whose jobs do what `handler` says, and kill it at the end."""
    with tempfile.TemporaryDirectory(prefix="jobgen-bench-") as folder:
        starts = Starts(Path(folder, "starts"), slots)
        starts.folder.mkdir()
        log = Path(folder, "log")
        environment = {**os.environ, **handler.environment(), **starts.environment()}
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        processes: list[subprocess.Popen[bytes]] = []
        try:
            for command in system.worker_commands(options):
                processes.append(_start(command, environment, log))  # noqa: PERF401 -- those
                # that have started are killed even if the next cannot be started
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
    """Kill a process and its children; its database is dropped, so nothing needs cleaning up."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
