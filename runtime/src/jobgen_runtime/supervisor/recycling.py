"""When a fresh process is to replace a worker process: after N jobs, or above a size."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.contract.transitions import Release, Transition
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.tally import Tally

RSS_CHECK_SECONDS = 1.0
"""Seconds between two checks of the process's memory, at least."""

JITTER = 0.1
"""The share of the number of jobs by which processes differ, so that not all of them are replaced
at the same time."""

BYTES_OF_MB = 1 << 20

_STATM = Path("/proc/self/statm")


class Recycling(Tally):
    """Count the attempts of a process and look at its memory, until one of them is too much.

    Attributes:
        due: Set once the process is to be replaced.
        reason: Why it is, for the log; None before.
    """

    def __init__(
        self,
        *,
        max_jobs: int | None,
        max_rss: int | None,
        clock: Callable[[], float],
        read_rss: Callable[[], int] | None = None,
    ) -> None:
        """Start to count.

        Args:
            max_jobs: The attempts after which the process is replaced, or up to JITTER fewer; None
                for any number.
            max_rss: The memory in MB above which it is replaced; None for any size.
            clock: The clock of the checks, in seconds.
            read_rss: Returns the memory in use, in bytes; that of this process if None.
        """
        self.due = asyncio.Event()
        self.reason: str | None = None
        self._max_jobs = None
        if max_jobs is not None:
            self._max_jobs = max_jobs - random.randint(0, int(max_jobs * JITTER))  # noqa: S311 -- no secret
        self._max_rss = max_rss
        self._clock = clock
        self._read_rss = read_rss or read_own_rss
        self._attempts = 0
        self._checked_at = clock()

    def check_start(self) -> None:
        """Check that the process may run jobs at all.

        Raises:
            JobgenRuntimeError: It uses more memory before its first job.
        """
        if self._max_rss is None:
            return
        used = self._read_rss()
        if used >= self._max_rss * BYTES_OF_MB:
            raise JobgenRuntimeError(
                f"--max-rss {self._max_rss}: the process uses {_mb(used)} MB before its first job.",
                hint="Allow it more than the application itself needs.",
            )

    def note(self, transition: Transition, claims: Collection[Claim]) -> None:
        """Count attempts that have ended, and look at the memory if it is time."""
        if isinstance(transition, Release) or self.reason is not None:
            return
        self._attempts += len(claims)
        if self._max_jobs is not None and self._attempts >= self._max_jobs:
            self._recycle(f"{self._attempts:,} jobs have run (--max-jobs)")
        elif self._max_rss is not None and self._clock() >= self._checked_at + RSS_CHECK_SECONDS:
            self._checked_at = self._clock()
            used = self._read_rss()
            if used > self._max_rss * BYTES_OF_MB:
                self._recycle(f"{_mb(used)} MB of memory are in use (--max-rss {self._max_rss})")

    def _recycle(self, reason: str) -> None:
        self.reason = reason
        self.due.set()


def read_own_rss() -> int:
    """Return the memory that this process uses, in bytes.

    Without /proc, as on macOS, that is the most that it has ever used.
    """
    try:
        pages = _STATM.read_bytes().split()[1]
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _mb(count: int) -> str:
    return f"{count / BYTES_OF_MB:,.0f}"
