"""Log when each job starts. The jobs write the log, and the benchmark reads it as they run.

A log is an array of 8-byte floats: the number of jobs that have started in this process, then the
start time of each job by its number. Every process of a worker has its own file in the folder
`BENCH_STARTS`, mapped into memory, so that logging a start takes about 200 ns and no system call.
Times are seconds of the system's monotonic clock, which all processes share.
"""

from __future__ import annotations

import mmap
import os
import threading
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER, SLOTS = "BENCH_STARTS", "BENCH_SLOTS"
_WORD = 8


class StartLog:
    """The log of one process, for writing."""

    def __init__(self, path: Path, slots: int) -> None:
        with path.open("wb+") as file:
            file.truncate((slots + 1) * _WORD)
            self._words = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")
        self._slots = slots
        self._started = 0
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        """Log that a job starts now, on the event loop's thread."""
        now = time.monotonic()
        if number < self._slots:
            self._words[number + 1] = now
        self._started += 1
        self._words[0] = self._started

    def add_from_thread(self, number: int) -> None:
        """Log that a job starts now, on any thread."""
        with self._lock:
            self.add(number)


_log: StartLog | None = None
_creating = threading.Lock()


def start_log() -> StartLog:
    """Return the log of this process, which is created at its first use."""
    return _log or _create_log()


def _create_log() -> StartLog:
    global _log  # noqa: PLW0603 -- one per process
    # A second log in one process would truncate the file that the first one has mapped.
    with _creating:
        if _log is None:
            _log = StartLog(Path(os.environ[FOLDER], str(os.getpid())), int(os.environ[SLOTS]))
        return _log


def _forget() -> None:
    """Forget the log in a forked child: it needs its own file, and a lock that no thread holds."""
    global _log, _creating
    _log, _creating = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


@dataclass(frozen=True, slots=True)
class Starts:
    """The logs of all processes of one worker, for reading."""

    folder: Path
    slots: int

    def environment(self) -> dict[str, str]:
        """Return the environment variables that tell the worker's processes where to log."""
        return {FOLDER: str(self.folder), SLOTS: str(self.slots)}

    def count(self) -> int:
        """Return the number of jobs that have started."""
        return sum(int(words[0]) for words in self._logs(1) if words)

    def processes(self) -> int:
        """Return the number of processes that have started a job."""
        return len(list(self.folder.iterdir()))

    def times(self) -> dict[int, float]:
        """Return the start time of each job by its number."""
        return self._read()[1]

    def repeated(self) -> int:
        """Return the number of starts of jobs that had started before."""
        count, times = self._read()
        # The times are read after the count, so a running worker may have added some.
        return max(0, count - len(times))

    def _read(self) -> tuple[int, dict[int, float]]:
        count, times = 0, dict[int, float]()
        for words in self._logs(self.slots + 1):
            count += int(words[0])
            times |= {number: at for number, at in enumerate(words[1:]) if at}
        return count, times

    def _logs(self, words: int) -> Iterator[array[float]]:
        for path in self.folder.iterdir():
            content = array("d")
            with path.open("rb") as file:
                content.frombytes(file.read(words * _WORD))
            yield content
