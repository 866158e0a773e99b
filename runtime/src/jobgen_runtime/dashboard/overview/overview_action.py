"""The overview: the numbers of all kinds, a row for each, and the sections of some."""

from __future__ import annotations

from starlette.responses import Response

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.html import STATUS_LABELS, Html, joined
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.lists.pauses import Pauses
from jobgen_runtime.dashboard.overview.kind_rows import KindRow, kind_row, unreadable_row
from jobgen_runtime.dashboard.overview.kind_state import KindState
from jobgen_runtime.dashboard.overview.read_states import MANY, read_states
from jobgen_runtime.dashboard.overview.surroundings import Surroundings, read_surroundings
from jobgen_runtime.dashboard.overview.tiles import tiles
from jobgen_runtime.dashboard.page_parts import part
from jobgen_runtime.dashboard.views import custom_views
from jobgen_runtime.dashboard.views.view import ViewContext
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.templating import render

MAX_SECTIONS = 5
"""Kinds whose newest jobs the overview shows below their rows. With more, only custom sections."""


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
            around.failing_schedules,
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
        sees_every_kind=request.visitor.sees_every_kind,
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
    """Return a row for each kind, the most urgent first, and those of `jobs=[…]` among equals."""
    states = await read_states(request, tables, around)
    rows = [
        _row(request.context(table), states[table], is_one_of_many=len(tables) > MANY)
        for table in tables
    ]
    # Sorting keeps the order of those that are equally urgent.
    return sorted(rows, key=lambda row: row.urgency, reverse=True)


def _row(context: ViewContext, state: KindState | str, *, is_one_of_many: bool) -> KindRow:
    """Render a row, or why the table cannot be read."""
    if isinstance(state, str):
        return unreadable_row(context, state)
    if not is_one_of_many:
        return kind_row(context, state, is_one_of_many=False)
    # Among many, most rows show what an earlier page has read and rendered.
    looks = (context.addresses.root, context.rights, state.facts)
    row: KindRow | None = state.counts.rendered.get(looks)
    if row is None or row.state is None or row.state.figures is not state.figures:
        row = state.counts.rendered[looks] = kind_row(context, state, is_one_of_many=True)
    return row


async def _section(request: DashboardRequest, table: JobTable) -> Html:
    """Render a section of the overview, or why the table cannot be read."""
    return await part(
        request.session,
        lambda: custom_views.section(request, table),
        instead=lambda reason: render("unreadable", context=request.context(table), message=reason),
    )
