"""How a kind of job does: its counts, its figures of the last hour, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from psycopg.errors import QueryCanceled

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.notices import refused_jobs
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.figures.kept import Kept
from jobgen_runtime.dashboard.figures.reading import count_recent_failures, read_figures
from jobgen_runtime.dashboard.figures.samples import Bucket, Figures
from jobgen_runtime.dashboard.figures.spans import HOUR
from jobgen_runtime.dashboard.lists.counts import Count, Summary, count_jobs
from jobgen_runtime.dashboard.overview.surroundings import Surroundings
from jobgen_runtime.dashboard.views.view import ViewContext

COUNTS = "counts"
"""What the counts of a kind are kept as."""

FIGURES_KEPT = 2.0
"""Seconds that the figures of the last hour are kept at least."""

MANY_FIGURES_KEPT = 30.0
"""The same where there are many kinds."""

MANY_COUNTS_KEPT = 10.0
"""Seconds that the counts of one of many kinds are kept at least. Those of a small table that is
one of few are not kept."""

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


def is_kept(kept: Kept, table: JobTable, surroundings: Surroundings, *, may_be_old: bool) -> bool:
    """Return whether `read_kind_state` would read nothing."""
    return table.regclass not in surroundings.with_refusals and all(
        kept.has(table, what, may_be_old=may_be_old) for what in (COUNTS, HOUR.name)
    )


async def read_kind_state(
    context: ViewContext,
    surroundings: Surroundings,
    kept: Kept,
    *,
    is_one_of_many: bool,
    may_be_old: bool,
) -> KindState:
    """Read how a kind does, within `bounded_reads`.

    Args:
        context: The kind's table.
        surroundings: What concerns all kinds.
        kept: What earlier pages have read.
        is_one_of_many: Whether the page has so many kinds that more is kept, and for longer.
        may_be_old: Whether what is kept will do if it is a minute old.
    """
    conn, table, now = context.conn, context.table, context.now

    async def count() -> Counts:
        try:
            async with conn.transaction():
                return Counts(
                    await count_jobs(conn, table), await count_recent_failures(conn, table)
                )
        except QueryCanceled:
            return Counts(Summary(), None)

    counts = await kept.get(
        table,
        COUNTS,
        count,
        least=MANY_COUNTS_KEPT if is_one_of_many else 0,
        keep=lambda read: is_one_of_many or not read.summary.is_exact,
        may_be_old=may_be_old,
    )
    figures = await kept.get(
        table,
        HOUR.name,
        lambda: read_figures(conn, table, HOUR, now),
        least=MANY_FIGURES_KEPT if is_one_of_many else FIGURES_KEPT,
        may_be_old=may_be_old,
    )
    due = counts.summary.next_due
    wait = None if due is None else due.since(now)
    return KindState(
        counts=counts,
        figures=figures,
        workers=surroundings.workers_of(table),
        paused_at=surroundings.paused_at(table),
        is_refused=table.regclass in surroundings.with_refusals
        and bool(await refused_jobs(conn, table)),
        hides_rows=table.regclass in surroundings.with_hidden_rows,
        overdue=wait if wait is not None and wait > 0 else None,
    )
