"""Call the views that users wrote, and fall back to the default views if they fail."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from markupsafe import escape
from psycopg import AsyncConnection, sql
from psycopg.errors import LockNotAvailable

from jobgen_runtime.dashboard.components.html import Html, html
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.views import default_views
from jobgen_runtime.dashboard.views.detail_view import detail_view
from jobgen_runtime.dashboard.views.displayable import DisplayableJob
from jobgen_runtime.dashboard.web.parameters import RequestRefused

log = logging.getLogger("jobgen.dashboard")

FALLBACK_NOTICE = html(
    '<p class="notice warning" role="status">The custom view of this job failed; see the '
    "application&rsquo;s log. This is the default view.</p>"
)

Render = Callable[[], Awaitable[Html]]


def has_section(request: DashboardRequest, table: JobTable) -> bool:
    """Return whether the table's section of the overview is a custom one."""
    view = request.display(table).view
    return view.make_dashboard_section is not DisplayableJob.make_dashboard_section


async def section(request: DashboardRequest, table: JobTable) -> Html:
    """Render the table's section of the overview."""
    context, display = request.context(table), request.display(table)
    if not has_section(request, table):
        return await default_views.dashboard_section(context)
    view = display.view(context)
    return await _custom(
        request,
        view.make_dashboard_section,
        default=lambda: default_views.dashboard_section(context),
    )


async def list_page(request: DashboardRequest, table: JobTable, page: int) -> Html:
    """Render one page of the table's list."""
    context, display = request.context(table), request.display(table)
    is_default = display.view.make_page_view is DisplayableJob.make_page_view
    if is_default and not display.view.list_headers:
        return await default_views.page_view(context, page, request.page_size)
    view = display.view(context)
    return await _custom(
        request,
        lambda: view.make_page_view(page, request.page_size),
        default=lambda: default_views.page_view(context, page, request.page_size),
    )


async def detail(request: DashboardRequest, table: JobTable, job_id: UUID) -> Html:
    """Render the page of one job. A custom view receives the job as its record."""
    context, display = request.context(table), request.display(table)
    record = display.record
    if record is None or display.view.make_detail_view is DisplayableJob.make_detail_view:
        return await detail_view(context, job_id)
    view = display.view(context)

    async def custom() -> Html:
        query = sql.SQL("SELECT * FROM {} WHERE id = %s").format(table.identifier)
        found = await record.fetch_all(query, (job_id,), conn=context.conn)
        if not found:
            raise RequestRefused(404, f"There is no job {job_id} in {table.key}.")
        return await view.make_detail_view(found[0])

    return await _custom(request, custom, default=lambda: detail_view(context, job_id))


async def new_job(request: DashboardRequest, table: JobTable) -> Html:
    """Render the form for a new job."""
    context, display = request.context(table), request.display(table)
    if display.view.make_new_job_view is DisplayableJob.make_new_job_view:
        return await default_views.new_job_view(context)
    view = display.view(context)
    return await _custom(
        request, view.make_new_job_view, default=lambda: default_views.new_job_view(context)
    )


async def _custom(request: DashboardRequest, view: Render, *, default: Render) -> Html:
    """Render `view`; if it fails, log the error and render the default with a notice.

    A value that psycopg cannot decode must not hide its row, and an error in one view must not
    disable the dashboard.
    """
    conn: AsyncConnection[object] = request.session.conn
    try:
        async with conn.transaction():
            return _checked(await view())
    except (RequestRefused, LockNotAvailable):
        # The default view would wait for the lock, too.
        raise
    except Exception:
        if conn.closed:
            raise
        log.exception("the custom dashboard view of %s failed", request.request.url.path)
    return FALLBACK_NOTICE + await default()


def _checked(rendered: object) -> Html:
    """Return what a view has rendered, escaped if it is plain text."""
    if not isinstance(rendered, str):
        raise TypeError(f"The view returned {rendered!r} instead of HTML.")
    return escape(rendered)
