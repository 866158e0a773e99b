"""How a kind of job does: its counts, its figures of the last hour, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.figures.samples import Bucket, Figures
from jobgen_runtime.dashboard.lists.counts import Count, Summary

USUAL_FACTOR = 3
"""A job that waits this many times longer than 95 % of the last hour's jobs is late."""

LEAST_LATE = 60.0
"""Seconds that are never late."""

LATE_WITHOUT_FIGURES = 600.0
"""Seconds that are late where it is not known how long jobs usually wait."""


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with a kind."""

    text: str
    status: str
    """The status whose colors it has, as a CSS class."""

    urgency: int
    """What is to be looked at first has the highest."""

    is_failure: bool = False
    """Whether the page of the errors says why."""


@dataclass(frozen=True)
class Counts:
    """What is counted of a kind."""

    summary: Summary
    recent_failures: Count | None
    """Jobs that failed in the last hour; None if that is not known."""

    rendered: dict[Hashable, Any] = field(default_factory=dict, compare=False)
    """Rows of the overview that show these counts."""


@dataclass(frozen=True)
class KindState:
    """How a kind does."""

    counts: Counts
    figures: Figures | None
    workers: int | None
    """Live workers that process it; None if that is not known."""

    paused_at: Moment | None
    is_refused: bool
    hides_rows: bool
    overdue: float | None
    """Seconds since the oldest waiting job was due; None if none is due."""

    @property
    def facts(self) -> Hashable:
        """What its row depends on besides the counts and the figures."""
        return (self.workers, self.paused_at, self.is_refused, self.hides_rows, self.is_late)

    @property
    def last_hour(self) -> Bucket | None:
        """The figures of the last hour in one; None if they are not known."""
        return None if self.figures is None else self.figures.total

    @property
    def is_late(self) -> bool:
        """Whether the oldest waiting job waits much longer than is usual."""
        if self.overdue is None or self.paused_at:
            return False
        usual = self.last_hour.waits.p95 if self.last_hour else None
        if usual is None:
            return self.overdue > LATE_WITHOUT_FIGURES
        return self.overdue > max(LEAST_LATE, USUAL_FACTOR * usual)

    @cached_property
    def troubles(self) -> list[Trouble]:
        """What is wrong with the kind, the worst first."""
        recent = self.counts.recent_failures
        found = []
        if self.workers == 0 and self.overdue is not None:
            found.append(Trouble("no worker", "failed", 50))
        if self.is_refused:
            found.append(Trouble("refused by the database", "failed", 40))
        if recent and recent.number:
            found.append(Trouble(f"{recent} failed in 1 h", "failed", 30, is_failure=True))
        if self.is_late:
            found.append(Trouble("late", "retry", 20))
        if self.hides_rows:
            found.append(Trouble("row security hides jobs", "retry", 10))
        if self.paused_at:
            found.append(Trouble("paused", "retry", 5))
        return found

    @property
    def urgency(self) -> tuple[int, int]:
        """How soon the kind is to be looked at, and among equals, how many jobs failed lately."""
        summary = self.counts.summary
        has_failures = any(
            summary.count(status) != "0" for status in (JobStatus.FAILED, JobStatus.TIMED_OUT)
        )
        recent = self.counts.recent_failures
        urgency = sum(trouble.urgency for trouble in self.troubles) + has_failures
        return (urgency, recent.number if recent else 0)
