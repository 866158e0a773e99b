"""What one scrape reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jobgen_runtime.metrics.counts import Counts
from jobgen_runtime.metrics.reading import Reading


@dataclass(frozen=True, slots=True)
class ProcessState:
    """The health of one worker process, and the age of its signs of life in seconds."""

    is_ok: bool
    heartbeat_age: float | None
    claim_age: float | None


@dataclass(frozen=True, slots=True)
class Scrape:
    """Everything about one `run-jobs`, of one process or several."""

    counts: Counts
    reading: Reading
    processes: Mapping[int, ProcessState]
    """The worker processes by their number, from 1."""
    restarts: int = 0
    """Worker processes that the supervisor has restarted after a crash."""
