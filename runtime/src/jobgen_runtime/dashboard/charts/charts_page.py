"""The page of the charts, of all kinds or one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic

from starlette.responses import Response

from jobgen_runtime.dashboard.charts.time_charts import HEADINGS, time_charts
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.figures.kept import OLDEST, SHOWN_WHILE_READ
from jobgen_runtime.dashboard.figures.reading import bounded_reads, read_figures, read_figures_in
from jobgen_runtime.dashboard.figures.samples import Figures
from jobgen_runtime.dashboard.figures.spans import HOUR, SPANS, Span
from jobgen_runtime.dashboard.page_parts import part
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.parameters import RequestRefused
from jobgen_runtime.dashboard.web.templating import render

KEPT_SHARE = 1 / 360
"""How long figures are kept at least, as a share of their span: ten seconds for an hour."""

READ_SECONDS = 0.03
"""Seconds in which the page reads again what it has. The rest is up to a minute old."""

UNKNOWN = "no index finds its jobs by their time, or it takes too long"


async def view_charts(request: DashboardRequest) -> Response:
    """Show the charts: of one kind if `tableName` is given, else of all.

    Raises:
        RequestRefused: The range is not known (400).
    """
    chosen = request.parameters.get("range") or HOUR.name
    if chosen not in SPANS:
        raise RequestRefused(400, "The page of the charts does not know this range.")
    span = SPANS[chosen]
    kinds = await request.tables()
    table = await request.table() if request.parameters.get("tableName") else None
    found = await _read_all(request, kinds if table is None else [table], span)
    figures = [each for _, each in found if isinstance(each, Figures)]
    problems = [(kind, each) for kind, each in found if isinstance(each, str)]
    content = render(
        "charts",
        addresses=request.addresses,
        now=request.session.now,
        kinds=kinds,
        table=table,
        spans=SPANS.values(),
        span=span,
        charts=time_charts(Figures.merged(figures), request.session.now) if figures else None,
        headings=HEADINGS,
        problems=problems,
        sees_every_kind=request.visitor.sees_every_kind,
    )
    return page(request.addresses, "Charts", content, section="ViewCharts", live=True)


async def _read_all(
    request: DashboardRequest, tables: list[JobTable], span: Span
) -> list[tuple[JobTable, Figures | str]]:
    """Return the figures of each kind, or why they are not known.

    What was read longest ago is read again as long as READ_SECONDS last.
    """
    kept, now, conn = request.kept, request.session.now, request.session.conn
    began = monotonic()
    found: dict[str, Figures | str | None] = {}
    async with bounded_reads(conn):
        for table in sorted(tables, key=lambda table: kept.read_at(table, span.name)):
            age = OLDEST if monotonic() - began > READ_SECONDS else 0.0
            read: Callable[[], Awaitable[Figures | str | None]] = partial(
                kept.get,
                table,
                span.name,
                partial(read_figures, conn, table, span, now),
                least=span.seconds * KEPT_SHARE,
                age=age,
                read_in=partial(read_figures_in, table=table, span=span),
            )
            if kept.has(table, span.name, age=max(age, SHOWN_WHILE_READ)):
                found[table.key] = await read()
            else:
                found[table.key] = await part(request.session, read, instead=lambda reason: reason)
    return [(table, found[table.key] or UNKNOWN) for table in tables]
