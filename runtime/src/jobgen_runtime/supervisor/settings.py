"""The settings of a worker process."""

from __future__ import annotations

from dataclasses import dataclass, field

from jobgen_runtime.heartbeat import Intervals


@dataclass(frozen=True)
class WorkerSettings:
    """How a worker process runs. Durations are in seconds."""

    grace: float = 25.0
    """How long running jobs may take to finish after the first shutdown signal."""

    poll: float = 30.0
    """How long to wait between two polls of the tables if nothing wakes the worker."""

    drain: bool = False
    """Whether to exit once no due job is left."""

    max_jobs: int | None = None
    """Attempts after which the process shuts down, to be replaced by a fresh one; None: never."""

    max_rss: int | None = None
    """MB of memory above which it does; None: never."""

    wait_for_schema: bool = False
    """Whether to wait, at the start, until the database has what the jobs need."""

    intervals: Intervals = field(default_factory=Intervals)
