"""How a worker process runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from jobgen_runtime.recovery import Intervals


@dataclass(frozen=True)
class Settings:
    """All in seconds."""

    grace: float = 25.0
    """From the first signal until what runs is cancelled."""

    poll: float = 30.0
    """From one look at the tables to the next, if nothing wakes the worker."""

    drain: bool = False
    """Whether to end once nothing is due."""

    intervals: Intervals = field(default_factory=Intervals)
