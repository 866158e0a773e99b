"""The default views of a job table."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.counts import Summary, summarize
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.fields import fields
from jobgen_runtime.dashboard.html import Html, status_word
from jobgen_runtime.dashboard.job_view import JobView
from jobgen_runtime.dashboard.notices import hides_rows, is_without_worker, refused_jobs
from jobgen_runtime.dashboard.parameters import Parameters, RequestRefused, uuid
from jobgen_runtime.dashboard.rows import Order, Selection, list_rows, read_row
from jobgen_runtime.dashboard.templating import render
from jobgen_runtime.dashboard.view import ViewContext

NEWEST = 10
LISTED_OWN_COLUMNS = 3


async def dashboard_section(context: ViewContext) -> Html:
    """Render the counts by status and the ten newest jobs."""
    summary = await summarize(context.conn, context.table)
    order = _order(context.table, summary, Selection())
    rows = await list_rows(context.conn, context.table, Selection(), order, limit=NEWEST, offset=0)
    return render(
        "section",
        context=context,
        summary=summary,
        rows=rows,
        own=LISTED_OWN_COLUMNS,
        is_newest_first=order is Order.CREATED_AT or context.table.id_is_ordered,
        refused=await refused_jobs(context.conn, context.table),
        has_hidden_rows=await hides_rows(context.conn, context.table),
        has_no_worker=await is_without_worker(context.conn, context.table, summary, context.now),
    )


async def page_view(context: ViewContext, page: int, page_size: int) -> Html:
    """Render one page of the table, newest first, with a tab for each status.

    OFFSET costs what it skips, so numbered pages end at ten thousand rows; from there the list
    continues below the last id shown.

    Args:
        context: The table and the request.
        page: The page, counted from 1.
        page_size: Jobs on a page.
    """
    selection = requested_selection(context.parameters, context.table.statuses)
    last = last_page(page_size)
    page = min(page, last)
    summary = await summarize(context.conn, context.table)
    order = _order(context.table, summary, selection)
    rows: list[JobView] = []
    # For a status without jobs, a large table would be searched from end to end.
    if selection.status is None or not summary.has_none(selection.status):
        rows = await list_rows(
            context.conn,
            context.table,
            selection,
            order,
            limit=page_size + 1,
            offset=(page - 1) * page_size,
        )
    shown = rows[:page_size]
    status = None if selection.status is None else status_word(selection.status)
    older = newer = None
    address = context.addresses.list_job
    key = context.table.key
    if len(rows) > page_size:
        if page < last:
            older = address(key, status=status, before=selection.before, page=page + 1)
        else:
            older = address(key, status=status, before=shown[-1].id)
    if page > 1:
        newer = address(key, status=status, before=selection.before, page=page - 1)
    return render(
        "list",
        context=context,
        summary=summary,
        rows=shown,
        own=LISTED_OWN_COLUMNS,
        status=selection.status,
        older=older,
        newer=newer,
        newest=address(key, status=status) if selection.before or page > 1 else None,
        first=(page - 1) * page_size + 1,
        is_newest_first=order is Order.CREATED_AT or context.table.id_is_ordered,
        refused=await refused_jobs(context.conn, context.table),
        has_hidden_rows=await hides_rows(context.conn, context.table),
        has_no_worker=await is_without_worker(context.conn, context.table, summary, context.now),
    )


async def detail_view(context: ViewContext, job_id: UUID) -> Html:
    """Render a job's row and the actions on it.

    Raises:
        RequestRefused: There is no such job (404).
    """
    job = await read_row(context.conn, context.table, job_id)
    if job is None:
        raise RequestRefused(404, f"There is no job {job_id} in {context.table.key}.")
    refused = await refused_jobs(context.conn, context.table, job=job_id)
    refusal = refused[0] if refused else None
    has_ended = refusal is not None and refusal.has_ended and job.is_running
    return render(
        "detail",
        context=context,
        job=job,
        refusal=refusal,
        is_running=job.is_running and not has_ended,
    )


async def new_job_view(context: ViewContext) -> Html:
    """Render a form with a control for each of the user's columns, by the column's type."""
    return render(
        "new",
        context=context,
        fields=fields(context.table.own_columns, context.parameters),
        run_at=context.parameters.get("run_at", ""),
        copied=context.parameters.get("copyOf"),
    )


def _order(table: JobTable, summary: Summary, selection: Selection) -> Order:
    """Return the order of a list: by creation, unless a large table would have to be sorted.

    Ids that uuidv7() made are in that order, too; others are in none.
    """
    if selection.before is None and (summary.is_exact or table.has_creation_index):
        return Order.CREATED_AT
    return Order.ID


def last_page(page_size: int) -> int:
    """Return the highest page number of a list."""
    return max(CAP // page_size, 1)


def requested_selection(parameters: Parameters, statuses: Sequence[JobStatus]) -> Selection:
    """Return which rows the address asks for.

    Raises:
        RequestRefused: The status is unknown, or `before` is not a UUID (400).
    """
    word = parameters.get("status", "")
    status = next((each for each in statuses if status_word(each) == word), None)
    if word and status is None:
        raise RequestRefused(400, "Unknown job status.")
    before = parameters.required("before", uuid) if parameters.get("before") else None
    return Selection(status, before)
