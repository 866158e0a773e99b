"""The overview: the numbers of all kinds, a row for each, and the sections of some."""

from __future__ import annotations

from functools import partial
from time import monotonic

from starlette.responses import Response

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.html import STATUS_LABELS, Html, joined
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.figures.reading import bounded_reads
from jobgen_runtime.dashboard.lists.pauses import Pauses
from jobgen_runtime.dashboard.overview.kind_rows import KindRow, kind_row, unreadable_row
from jobgen_runtime.dashboard.overview.kind_state import COUNTS, is_kept, read_kind_state
from jobgen_runtime.dashboard.overview.surroundings import Surroundings, read_surroundings
from jobgen_runtime.dashboard.overview.tiles import tiles
from jobgen_runtime.dashboard.page_parts import part
from jobgen_runtime.dashboard.views import custom_views
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.templating import render

MAX_SECTIONS = 5
"""Kinds whose newest jobs the overview shows below their rows. With more, only custom sections."""

MANY = 20
"""With more kinds, the rows are narrower, and more of what was read is kept."""

READ_SECONDS = 0.03
"""Seconds in which the overview of many kinds reads again what it has. The rest is what it was."""


async def list_jobs(request: DashboardRequest) -> Response:
    """Show the overview."""
    tables = await request.tables()
    around = await read_surroundings(request.session.conn, tables)
    is_many = len(tables) > MANY
    rows = await _rows(request, tables, around)
    content = render(
        "overview",
        addresses=request.addresses,
        tiles=tiles(
            rows,
            around.workers_of(*tables),
            request.addresses,
            request.session.now,
        ),
        rows=joined([row.html for row in rows]),
        is_many=is_many,
        statuses=[*STATUS_LABELS],
        sections=joined(
            [
                await _section(request, table)
                for table in tables
                if len(tables) <= MAX_SECTIONS or custom_views.has_section(request, table)
            ]
        ),
        missing=await request.missing_tables(),
        **_pause_buttons(request, tables, around.pauses),
        is_empty=not tables,
    )
    return page(
        request.addresses,
        "Jobs",
        content,
        notice=request.parameters.get("notice"),
        live=True,
    )


def _pause_buttons(
    request: DashboardRequest, tables: list[JobTable], pauses: Pauses
) -> dict[str, bool]:
    """Return whether the visitor may pause, and may resume, any kind that is not yet so."""
    since = [
        pauses.since(table) for table in tables if Right.PAUSE in request.visitor.rights(table.key)
    ]
    return {"can_pause": None in since, "can_resume": any(since)}


async def _rows(
    request: DashboardRequest, tables: list[JobTable], around: Surroundings
) -> list[KindRow]:
    """Return a row for each kind, the most urgent first, and those of `jobs=[…]` among equals.

    With many kinds, what was read longest ago is read again as long as READ_SECONDS last.
    """
    is_many = len(tables) > MANY
    began = monotonic()
    rows: dict[str, KindRow] = {}
    async with bounded_reads(request.session.conn):
        for table in sorted(tables, key=lambda table: request.kept.read_at(table, COUNTS)):
            may_be_old = is_many and monotonic() - began > READ_SECONDS
            read = partial(
                _row, request, table, around, is_one_of_many=is_many, may_be_old=may_be_old
            )
            if is_kept(request.kept, table, around, may_be_old=may_be_old):
                rows[table.key] = await read()
            else:
                instead = partial(unreadable_row, request.context(table))
                rows[table.key] = await part(request, read, instead=instead)
    # Sorting keeps the order of those that are equally urgent.
    return sorted((rows[table.key] for table in tables), key=lambda row: row.urgency, reverse=True)


async def _row(
    request: DashboardRequest,
    table: JobTable,
    around: Surroundings,
    *,
    is_one_of_many: bool,
    may_be_old: bool,
) -> KindRow:
    context = request.context(table)
    state = await read_kind_state(
        context, around, request.kept, is_one_of_many=is_one_of_many, may_be_old=may_be_old
    )
    if not is_one_of_many:
        return kind_row(context, state, is_one_of_many=False)
    # Among many, most rows show what an earlier page has read and rendered.
    looks = (context.addresses.root, context.rights, state.facts)
    row = state.counts.rendered.get(looks)
    if row is None or row.state is None or row.state.figures is not state.figures:
        row = state.counts.rendered[looks] = kind_row(context, state, is_one_of_many=True)
    return row


async def _section(request: DashboardRequest, table: JobTable) -> Html:
    """Render a section of the overview, or why the table cannot be read."""
    return await part(
        request,
        lambda: custom_views.section(request, table),
        instead=lambda reason: render("unreadable", context=request.context(table), message=reason),
    )
