"""When each job started: written by the jobs themselves, read by the benchmark as they run.

A file is an array of 8-byte floats: how many jobs have started in this process, then the
time of each by the job's number. Every process of a worker has a file of its own in the
folder `BENCH_STARTS`, mapped into memory, so that a start costs its job some 200 ns and no
system call. Times are the system's monotonic clock in seconds, the same for all processes.
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
    """The writing side, one per process."""

    def __init__(self, path: Path, slots: int) -> None:
        with path.open("wb+") as file:
            file.truncate((slots + 1) * _WORD)
            self._words = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")
        self._slots = slots
        self._started = 0
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        """A job has started now, on the event loop's thread."""
        now = time.monotonic()
        if number < self._slots:
            self._words[number + 1] = now
        self._started += 1
        self._words[0] = self._started

    def add_from_thread(self, number: int) -> None:
        """A job has started now, on any thread."""
        with self._lock:
            self.add(number)


_log: StartLog | None = None
_making = threading.Lock()


def start_log() -> StartLog:
    """This process's log, made at its first use."""
    return _log or _made()


def _made() -> StartLog:
    global _log  # noqa: PLW0603 - one per process is what it is
    # A second log of one process would cut the first one's file under its mapping.
    with _making:
        if _log is None:
            _log = StartLog(Path(os.environ[FOLDER], str(os.getpid())), int(os.environ[SLOTS]))
        return _log


def _forget() -> None:
    """A forked child has a file of its own, and no thread of its parent's to free the lock."""
    global _log, _making
    _log, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


@dataclass(frozen=True, slots=True)
class Starts:
    """The reading side: the logs of all the processes of one worker."""

    folder: Path
    slots: int

    def environment(self) -> dict[str, str]:
        """What the worker's processes need to know."""
        return {FOLDER: str(self.folder), SLOTS: str(self.slots)}

    def count(self) -> int:
        """How many jobs have started."""
        return sum(int(words[0]) for words in self._logs(1) if words)

    def processes(self) -> int:
        """How many processes have started a job."""
        return len(list(self.folder.iterdir()))

    def times(self) -> dict[int, float]:
        """The start of each job by its number."""
        return self._read()[1]

    def repeated(self) -> int:
        """How many jobs have started that had started before."""
        count, times = self._read()
        # The times are read after the count, to which a running worker adds afterwards.
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
