"""Read how all kinds do, from what earlier pages have read where that is fresh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import cast

from jobgen_runtime.dashboard.components.notices import refused_jobs
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.figures.reading import bounded_reads, read_figures
from jobgen_runtime.dashboard.figures.spans import HOUR
from jobgen_runtime.dashboard.overview.kind_counts import count_kinds
from jobgen_runtime.dashboard.overview.kind_state import Counts, KindState
from jobgen_runtime.dashboard.overview.surroundings import Surroundings
from jobgen_runtime.dashboard.page_parts import part, parts

COUNTS = "counts"
"""What the counts of a kind are kept as."""

FIGURES_KEPT = 2.0
"""Seconds that the figures of the last hour are kept at least."""

MANY_FIGURES_KEPT = 30.0
"""The same where there are many kinds."""

MANY_COUNTS_KEPT = 10.0
"""Seconds that the counts of one of many kinds are kept at least. Those of a small table that is
one of few are not kept."""

MANY = 20
"""With more kinds, more of what was read is kept, and for longer."""

READ_SECONDS = 0.03
"""Seconds in which a page with many kinds reads again what it has. The rest is what it was."""

TOGETHER = 25
"""Kinds that are counted by one statement."""


async def read_states(
    request: DashboardRequest, tables: Sequence[JobTable], around: Surroundings
) -> dict[JobTable, KindState | str]:
    """Return how each kind does, or why its table cannot be read.

    What was read longest ago is read again first.
    """
    kept = request.kept
    is_many = len(tables) > MANY
    deadline = monotonic() + READ_SECONDS if is_many else math.inf
    async with bounded_reads(request.session.conn):
        counts = await _read_counts(request, tables, deadline, is_many=is_many)
        return {
            table: await _read_state(request, table, around, counts[table], deadline)
            for table in sorted(tables, key=lambda table: kept.read_at(table, HOUR.name))
        }


async def _read_counts(
    request: DashboardRequest, tables: Sequence[JobTable], deadline: float, *, is_many: bool
) -> dict[JobTable, Counts | str]:
    kept = request.kept
    found: dict[JobTable, Counts | str] = {}
    left = sorted(tables, key=lambda table: kept.read_at(table, COUNTS))
    while left:
        may_be_old = monotonic() > deadline
        left = [table for table in left if not kept.has(table, COUNTS, may_be_old=may_be_old)]
        together, left = left[:TOGETHER], left[TOGETHER:]
        began = monotonic()
        read = await parts(request, together, partial(count_kinds, request.session.conn))
        took = (monotonic() - began) / max(len(together), 1)
        for table, counts in read.items():
            if isinstance(counts, Counts) and (is_many or not counts.summary.is_exact):
                least = MANY_COUNTS_KEPT if is_many else 0
                kept.put(table, COUNTS, counts, took=took, least=least)
        found |= read
    others = [table for table in tables if table not in found]
    return found | {table: cast("Counts", kept.peek(table, COUNTS)) for table in others}


async def _read_state(
    request: DashboardRequest,
    table: JobTable,
    around: Surroundings,
    counts: Counts | str,
    deadline: float,
) -> KindState | str:
    if isinstance(counts, str):
        return counts
    kept, conn, now = request.kept, request.session.conn, request.session.now
    is_many = deadline < math.inf
    may_be_old = monotonic() > deadline
    may_be_refused = table.regclass in around.with_refusals

    async def read() -> KindState | str:
        figures = await kept.get(
            table,
            HOUR.name,
            partial(read_figures, conn, table, HOUR, now),
            least=MANY_FIGURES_KEPT if is_many else FIGURES_KEPT,
            may_be_old=may_be_old,
        )
        due = counts.summary.next_due
        overdue = None if due is None else due.since(now)
        return KindState(
            counts=counts,
            figures=figures,
            workers=around.workers_of(table),
            paused_at=around.paused_at(table),
            is_refused=may_be_refused and bool(await refused_jobs(conn, table)),
            hides_rows=table.regclass in around.with_hidden_rows,
            overdue=overdue if overdue is not None and overdue > 0 else None,
        )

    if not may_be_refused and kept.has(table, HOUR.name, may_be_old=may_be_old):
        return await read()
    return await part(request, read, instead=str)
