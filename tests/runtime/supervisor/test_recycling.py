"""When a worker process makes way for a fresh one; pure, with clock and memory given."""

from __future__ import annotations

from typing import Any, cast

import pytest
from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.contract.transitions import Release, Succeed
from jobgen_runtime.supervisor.recycling import (
    BYTES_OF_MB,
    RSS_CHECK_SECONDS,
    Recycling,
    read_own_rss,
)


class Process:
    """The time and the memory of a process."""

    def __init__(self, **limits: Any) -> None:
        self.now, self.mb, self.reads = 0.0, 100, 0
        limits = {"max_jobs": None, "max_rss": None, **limits}
        self.recycling = Recycling(clock=lambda: self.now, read_rss=self.read_rss, **limits)

    def read_rss(self) -> int:
        self.reads += 1
        return self.mb * BYTES_OF_MB

    def end(self, jobs: int, transition: Any = None) -> bool:
        """End that many jobs, and return whether a fresh process is due."""
        claims = cast("Any", [object()] * jobs)
        self.recycling.note(transition or Succeed(), claims)
        return self.recycling.due.is_set()


def test_process_makes_way_after_its_jobs() -> None:
    process = Process(max_jobs=5)
    assert not process.end(4)
    assert not process.end(2, Release())
    assert process.end(1)
    assert process.recycling.reason == "5 jobs have run (--max-jobs)"
    assert process.reads == 0


def test_processes_differ_by_a_tenth_of_their_jobs() -> None:
    def jobs() -> int:
        process = Process(max_jobs=100)
        return next(n for n in range(1, 102) if process.end(1))

    counts = {jobs() for _ in range(100)}
    assert len(counts) > 1
    assert counts <= set(range(90, 101))


def test_process_makes_way_above_its_size_which_is_read_once_a_second() -> None:
    process = Process(max_rss=200)
    process.mb = 201
    assert not process.end(10)
    process.now = RSS_CHECK_SECONDS
    process.mb = 200
    assert not any(process.end(1) for _ in range(100))
    assert process.reads == 1
    process.now, process.mb = 2 * RSS_CHECK_SECONDS, 1234
    assert process.end(1)
    assert process.recycling.reason == "1,234 MB of memory are in use (--max-rss 200)"


def test_process_that_is_too_large_without_a_job_does_not_start() -> None:
    Process(max_rss=101).recycling.check_start()
    Process(max_jobs=1).recycling.check_start()
    with pytest.raises(JobgenRuntimeError, match="--max-rss 100: the process uses 100 MB before"):
        Process(max_rss=100).recycling.check_start()


def test_memory_of_this_process_is_read() -> None:
    before = read_own_rss()
    held = bytearray(64 * BYTES_OF_MB)
    held[:: 1 << 10] = b"x" * len(held[:: 1 << 10])
    assert 5 * BYTES_OF_MB < before < read_own_rss() - 32 * BYTES_OF_MB
