"""Read how all kinds do, from what earlier pages have read where that is fresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import MappingProxyType
from typing import cast

from jobgen_runtime.dashboard.components.notices import refused_jobs
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.connections import Session
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.figures.kept import OLDEST, SHOWN_WHILE_READ, Kept, WriteState
from jobgen_runtime.dashboard.figures.reading import bounded_reads, read_figures
from jobgen_runtime.dashboard.figures.samples import Figures
from jobgen_runtime.dashboard.figures.spans import HOUR
from jobgen_runtime.dashboard.figures.write_states import read_write_states
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

NOT_KNOWN: Mapping[JobTable, WriteState] = MappingProxyType({})

MANY = 20
"""With more kinds, more of what was read is kept, and for longer."""

TOGETHER = 25
"""Kinds that are counted by one statement."""


async def read_states(
    request: DashboardRequest, tables: Sequence[JobTable], around: Surroundings
) -> dict[JobTable, KindState | str]:
    """Return how each kind does, or why its table cannot be read.

    What is no longer fresh is shown, and is read again in the background.
    """
    kept = request.kept
    is_many = len(tables) > MANY
    async with bounded_reads(request.session.conn):
        counts = await _read_counts(request, tables, is_many=is_many)
        states = {
            table: await _read_state(request, table, around, counts[table], is_many=is_many)
            for table in tables
        }
    stale = _Stale.among(tables, kept)
    if kept.background is not None and (stale.counts or stale.figures):
        kept.background.start("overview", partial(_read_again, kept, stale, is_many=is_many))
    return states


@dataclass(frozen=True)
class _Stale:
    """The kinds of which something is kept that is no longer fresh, the oldest first."""

    counts: list[JobTable]
    figures: list[JobTable]

    @classmethod
    def among(cls, tables: Sequence[JobTable], kept: Kept) -> _Stale:
        def stale(what: str) -> list[JobTable]:
            found = [table for table in tables if not kept.has(table, what)]
            known = [table for table in found if kept.read_at(table, what)]
            return sorted(known, key=lambda table: kept.read_at(table, what))

        return cls(stale(COUNTS), stale(HOUR.name))


async def _read_counts(
    request: DashboardRequest, tables: Sequence[JobTable], *, is_many: bool
) -> dict[JobTable, Counts | str]:
    kept, conn = request.kept, request.session.conn
    age = OLDEST if is_many else SHOWN_WHILE_READ
    found: dict[JobTable, Counts | str] = {}
    left = [table for table in tables if not kept.has(table, COUNTS, age=age)]
    for start in range(0, len(left), TOGETHER):
        together = left[start : start + TOGETHER]
        began = monotonic()
        read = await parts(request.session, together, partial(count_kinds, conn))
        _keep_counts(kept, read, began, is_many=is_many)
        found |= read
    others = [table for table in tables if table not in found]
    return found | {table: cast("Counts", kept.peek(table, COUNTS)) for table in others}


def _keep_counts(
    kept: Kept,
    read: Mapping[JobTable, Counts | str],
    began: float,
    *,
    is_many: bool,
    states: Mapping[JobTable, WriteState] = NOT_KNOWN,
) -> None:
    """Keep counts that were read together, except of a small table that is one of few."""
    took = (monotonic() - began) / max(len(read), 1)
    for table, counts in read.items():
        if isinstance(counts, Counts) and (is_many or not counts.summary.is_exact):
            before = kept.peek(table, COUNTS)
            # What has not changed keeps its rendered rows, unless these say how long ago it is due.
            is_same = counts == before and counts.summary.next_due is None
            value = before if is_same else counts
            least = MANY_COUNTS_KEPT if is_many else 0
            state = states.get(table)
            kept.put(table, COUNTS, value, began=began, took=took, least=least, state=state)


def _keep_figures(
    kept: Kept,
    table: JobTable,
    figures: Figures | None,
    began: float,
    *,
    is_many: bool,
    state: WriteState = None,
) -> Figures | None:
    """Keep a kind's figures; return those of before if neither have any job."""
    before = cast("Figures | None", kept.peek(table, HOUR.name))
    if figures and before and not figures.total.bar.total and not before.total.bar.total:
        figures = before
    least = MANY_FIGURES_KEPT if is_many else FIGURES_KEPT
    kept.put(table, HOUR.name, figures, began=began, least=least, state=state)
    return figures


async def _read_state(
    request: DashboardRequest,
    table: JobTable,
    around: Surroundings,
    counts: Counts | str,
    *,
    is_many: bool,
) -> KindState | str:
    if isinstance(counts, str):
        return counts
    kept, conn, now = request.kept, request.session.conn, request.session.now
    age = OLDEST if is_many else SHOWN_WHILE_READ
    may_be_refused = table.regclass in around.with_refusals

    async def read() -> KindState | str:
        if kept.has(table, HOUR.name, age=age):
            figures = cast("Figures | None", kept.peek(table, HOUR.name))
        else:
            began = monotonic()
            figures = await read_figures(conn, table, HOUR, now)
            figures = _keep_figures(kept, table, figures, began, is_many=is_many)
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

    if not may_be_refused and kept.has(table, HOUR.name, age=age):
        return await read()
    return await part(request.session, read, instead=str)


async def _read_again(kept: Kept, stale: _Stale, session: Session, *, is_many: bool) -> None:
    """Read what is no longer fresh, unless the table has not been written to since it was read.

    A table that cannot be read is left to a page, which shows why.
    """
    conn, now = session.conn, session.now
    async with bounded_reads(conn):
        states = await read_write_states(conn, {*stale.counts, *stale.figures})
        to_count = [
            table
            for table in stale.counts
            # Failures of the last hour may be an hour and some minutes old then.
            if not kept.confirm(table, COUNTS, states[table], least=MANY_COUNTS_KEPT)
        ]
        for start in range(0, len(to_count), TOGETHER):
            together = to_count[start : start + TOGETHER]
            began = monotonic()
            read = await parts(session, together, partial(count_kinds, conn))
            _keep_counts(kept, read, began, is_many=is_many, states=states)
        for table in stale.figures:
            if _confirm_figures(kept, table, states[table]):
                continue
            began = monotonic()
            figures: Figures | str | None = await part(
                session, partial(read_figures, conn, table, HOUR, now), instead=str
            )
            if not isinstance(figures, str):
                _keep_figures(kept, table, figures, began, is_many=is_many, state=states[table])


def _confirm_figures(kept: Kept, table: JobTable, state: WriteState) -> bool:
    """Return whether the figures are still right: nothing was written, and little has passed by."""
    match kept.peek(table, HOUR.name):
        case Figures(total=total):
            return kept.confirm(
                table,
                HOUR.name,
                state,
                least=MANY_FIGURES_KEPT,
                changes_with_time=total.bar.total > 0,
            )
        case _:
            return False
