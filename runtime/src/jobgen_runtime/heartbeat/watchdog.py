"""End the worker if a job keeps the interpreter lock until others may take its jobs over.

No Python code of the worker runs then, so another process watches it. It needs only the standard
library, and ends with the worker.
"""

from __future__ import annotations

import math
import subprocess
import sys
from contextlib import suppress

from jobgen_runtime.executor import hide_from_forks, sigusr1_blocked
from jobgen_runtime.heartbeat.lease import Intervals

STOP_TIMEOUT_SECONDS = 5.0
"""Seconds that the watchdog may take to exit once its worker ends."""

# Only ticks in which the watchdog itself runs count as silence, and none in which the worker is
# stopped: a worker that wakes up from SIGSTOP, or with its machine, has time to notice.
_PROGRAM = r"""
import os, select, signal, sys, time
worker, tick, ticks = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

def is_stopped():
    try:
        with open(f"/proc/{worker}/stat") as file:
            state = file.read().rpartition(")")[2].split()[0]
    except OSError:
        import subprocess  # takes half of the start, and Linux does not need it
        ps = ["ps", "-o", "state=", "-p", str(worker)]
        state = subprocess.run(ps, capture_output=True, text=True).stdout.strip()[:1]
    return state in ("T", "t")

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
until, silent = float("inf"), 0
while os.getppid() == worker:
    if select.select([0], [], [], tick)[0]:
        beats = os.read(0, 65536)
        if not beats:
            break
        until, silent = float(beats.split()[-1]), 0
    else:
        silent = 0 if is_stopped() else silent + 1
    late = time.clock_gettime(clock) > until
    if late and silent >= ticks and os.getppid() == worker:
        sys.stderr.write(
            "jobgen: a job has kept Python's interpreter lock until other workers may take over "
            f"its worker's jobs: killing the worker, process {worker}\n"
        )
        sys.stderr.flush()
        os.kill(worker, signal.SIGKILL)
        break
"""


class Watchdog:
    """A small process that kills this one if it falls silent after its lease has expired."""

    def __init__(self, intervals: Intervals, *, tick: float) -> None:
        """Prepare a watchdog.

        Args:
            intervals: The durations of the lease. Silence counts after `give_up_after`.
            tick: Seconds between two calls of `beat`.
        """
        self._tick = tick
        self._ticks = math.ceil(intervals.give_up_after / tick)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, worker: int) -> None:
        """Start to watch the process with this id, which must be the caller's."""
        numbers = (worker, self._tick, self._ticks)
        with suppress(OSError), sigusr1_blocked():
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, *map(str, numbers)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                # A signal to the worker's process group, such as Ctrl-C, must not end it first.
                start_new_session=True,
            )
            # It ends when its input closes, which a process that a job has left running would keep
            # open.
            assert self._process.stdin is not None  # noqa: S101 -- it is a pipe
            hide_from_forks(self._process.stdin)

    def beat(self, until: float) -> None:
        """Show that Python code runs.

        Args:
            until: The time of `contract.clock` after which a silent process is killed.
        """
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(f"{until!r}\n".encode())
                self._process.stdin.flush()
            except (OSError, ValueError):
                # It was killed, or stopped by another thread; the worker goes on without it.
                self._process = None

    def stop(self) -> None:
        """End the watchdog."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, subprocess.TimeoutExpired):
                self._process.stdin.close()
                self._process.wait(STOP_TIMEOUT_SECONDS)
