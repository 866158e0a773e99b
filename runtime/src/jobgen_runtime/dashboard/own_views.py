"""Asks the views that users wrote, and falls back on the default ones where they fail."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from psycopg import AsyncConnection, sql

from jobgen_runtime.dashboard import default_views
from jobgen_runtime.dashboard.call import Call
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.displayable import DisplayableJob
from jobgen_runtime.dashboard.html import Html, html
from jobgen_runtime.dashboard.parameters import RequestRefused

logger = logging.getLogger("jobgen_runtime.dashboard")

FALLEN_BACK = html(
    '<p class="notice warning" role="status">The view written for this job failed; the '
    "application&rsquo;s log says why. This is the default one.</p>"
)

View = Callable[[], Awaitable[Html]]


async def section(call: Call, table: JobTable) -> Html:
    """The table's section of the overview."""
    context, display = call.context(table), call.display(table)
    if display.view.make_dashboard_section is DisplayableJob.make_dashboard_section:
        return await default_views.dashboard_section(context)
    view = display.view(context)
    return await _own(
        call,
        view.make_dashboard_section,
        default=lambda: default_views.dashboard_section(context),
    )


async def list_page(call: Call, table: JobTable, page: int) -> Html:
    """A page of the table's list."""
    context, display = call.context(table), call.display(table)
    if display.view.make_page_view is DisplayableJob.make_page_view:
        return await default_views.page_view(context, page, call.page_size)
    view = display.view(context)
    return await _own(
        call,
        lambda: view.make_page_view(page, call.page_size),
        default=lambda: default_views.page_view(context, page, call.page_size),
    )


async def detail(call: Call, table: JobTable, job_id: UUID) -> Html:
    """The page of one job: a view that users wrote gets it as their record."""
    context, display = call.context(table), call.display(table)
    record = display.record
    if record is None or display.view.make_detail_view is DisplayableJob.make_detail_view:
        return await default_views.detail_view(context, job_id)
    view = display.view(context)

    async def own() -> Html:
        query = sql.SQL("SELECT * FROM {} WHERE id = %s").format(table.identifier)
        found = await record.fetch_all(query, (job_id,), conn=context.conn)
        if not found:
            raise RequestRefused(404, f"There is no job {job_id} in {table.key}.")
        return await view.make_detail_view(found[0])

    return await _own(call, own, default=lambda: default_views.detail_view(context, job_id))


async def new_job(call: Call, table: JobTable) -> Html:
    """The form for a new job."""
    return await call.display(table).view(call.context(table)).make_new_job_view()


async def _own(call: Call, view: View, *, default: View) -> Html:
    """What `view` shows; where it fails, the default with a word about it.

    A value that psycopg cannot read must not hide the row it is in, and a mistake in one view
    must not close the dashboard.
    """
    conn: AsyncConnection[object] = call.session.conn
    try:
        async with conn.transaction():
            return await view()
    except RequestRefused:
        raise
    except Exception:
        if conn.closed:
            raise
        logger.exception("the dashboard's view of %s failed", call.request.url.path)
    return FALLEN_BACK + await default()
