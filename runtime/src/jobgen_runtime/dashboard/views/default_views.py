"""The default views of a job table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from psycopg import DataError

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.changes.operations import OPERATIONS
from jobgen_runtime.dashboard.components.choices import FEW_IN_FILTER, offer_all, suggest
from jobgen_runtime.dashboard.components.defaults import read_defaults
from jobgen_runtime.dashboard.components.fields import (
    FIND_IN,
    FormState,
    fields,
    moment_input,
    run_at_field,
)
from jobgen_runtime.dashboard.components.filter_fields import filter_fields, filter_words
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.components.notices import hides_rows, is_without_worker, refused_jobs
from jobgen_runtime.dashboard.components.references import find_references, reference_names
from jobgen_runtime.dashboard.database.discovery import Column
from jobgen_runtime.dashboard.errors.find_failures import find_selection
from jobgen_runtime.dashboard.lists.columns import (
    COLUMN_PREFIX,
    COLUMNS_COOKIE,
    choosable_columns,
    default_columns,
    read_columns,
)
from jobgen_runtime.dashboard.lists.counts import Summary, summarize
from jobgen_runtime.dashboard.lists.filters import FILTER_PREFIX
from jobgen_runtime.dashboard.lists.listing import read_listing
from jobgen_runtime.dashboard.lists.order import can_sort, describe
from jobgen_runtime.dashboard.lists.pauses import read_pauses
from jobgen_runtime.dashboard.lists.selection import Place, Selection, read_place, unsearchable
from jobgen_runtime.dashboard.views.further_columns import ReadColumns, no_columns
from jobgen_runtime.dashboard.views.view import ViewContext
from jobgen_runtime.dashboard.web.preferences import read_cookie
from jobgen_runtime.dashboard.web.templating import render
from jobgen_runtime.dashboard.workers.workers import worker_names

NEWEST = 10
SUMMARY_KEPT_SECONDS = 3.0
"""How long the counts of a large table are kept: they take most of the time of a list."""

FILTERED = ("attempts_count", "created_at", "updated_at", "run_at", "locked_by")
"""The columns of every job table that the list has a field to filter by."""


async def dashboard_section(context: ViewContext) -> Html:
    """Render the counts by status and the ten newest jobs."""
    summary = await kept_summary(context)
    listing = await read_listing(
        context.conn,
        context.table,
        summary,
        Selection(),
        Place(),
        page_size=NEWEST,
        last_page=1,
    )
    return render(
        "section",
        context=context,
        summary=summary,
        selection=Selection(),
        listing=listing,
        columns=default_columns(context.table),
        names=await reference_names(
            context.conn, await find_references(context.conn, context.table), listing.rows
        ),
        order=describe(listing.order, context.table),
        paused_at=(await read_pauses(context.conn)).since(context.table),
        refused=await refused_jobs(context.conn, context.table),
        has_hidden_rows=await hides_rows(context.conn, context.table),
        has_no_worker=await is_without_worker(context.conn, context.table, summary, context.now),
    )


async def kept_summary(context: ViewContext) -> Summary:
    """Count a table's jobs; what a large table has is kept for a moment, for all visitors."""
    return await context.kept.get(
        context.table,
        "summary",
        lambda: summarize(context.conn, context.table),
        least=SUMMARY_KEPT_SECONDS,
        keep=lambda summary: not summary.is_exact,
        read_in=lambda session: summarize(session.conn, context.table),
        unless_written=[context.table],
    )


async def page_view(
    context: ViewContext, page: int, page_size: int, read_further: ReadColumns = no_columns
) -> Html:
    """Render one page of the table's list, with a tab for each status.

    Args:
        context: The table and the request, whose parameters say what to show.
        page: The page, counted from 1.
        page_size: Jobs on a page.
        read_further: Reads further columns of the jobs on the page.

    Raises:
        RequestRefused: A parameter is invalid (400).
    """
    table = context.table
    selection = await find_selection(context.conn, table, context.parameters, context.causes)
    place = read_place(context.parameters, page)
    summary = await kept_summary(context)
    try:
        listing = await read_listing(
            context.conn,
            table,
            summary,
            selection,
            place,
            page_size=page_size,
            last_page=last_page(page_size),
        )
    except DataError as error:
        raise unsearchable(error, table) from error
    address = partial(context.addresses.list_job, table.key)
    references = await find_references(context.conn, table)
    choices = await offer_all(
        context.conn,
        references,
        context.parameters,
        prefix=FILTER_PREFIX,
        few=FEW_IN_FILTER,
        suggest=False,
    )
    return render(
        "list",
        context=context,
        summary=summary,
        selection=selection,
        listing=listing,
        columns=read_columns(read_cookie(context.request, COLUMNS_COOKIE), table),
        choosable=choosable_columns(table),
        column_prefix=COLUMN_PREFIX,
        further=await read_further([job.id for job in listing.rows if job.id is not None]),
        address=address,
        order=describe(listing.order, table),
        is_sorted=selection.sort_column is None or selection.sort_column[0] == listing.order.column,
        operations=[
            each
            for each in OPERATIONS
            if each.right in context.rights and selection.status not in each.impossible
        ],
        can_sort=can_sort(summary, selection),
        can_jump=listing.order.is_resumable
        and (listing.order.column != "id" or table.id_is_ordered),
        at=moment_input("timestamptz", context.parameters.get("at", "")),
        names=await reference_names(context.conn, references, listing.rows),
        chips=[
            (filter_words(each, choices), FILTER_PREFIX + each.column.name)
            for each in selection.filters
        ],
        suggestions=await suggest(context.conn, references, choices, selection.search),
        find_in=context.parameters.get(FIND_IN, ""),
        filter_fields=filter_fields(
            [
                *(each for each in table.own_columns if not each.is_redacted),
                *(each for each in table.columns if each.name in FILTERED),
            ],
            selection.filters,
            choices,
        ),
        workers=await worker_names(
            context.conn, [job.locked_by for job in listing.rows if job.is_running]
        ),
        paused_at=(await read_pauses(context.conn)).since(table),
        refused=await refused_jobs(context.conn, table),
        has_hidden_rows=await hides_rows(context.conn, table),
        has_no_worker=await is_without_worker(context.conn, table, summary, context.now),
    )


async def new_job_view(context: ViewContext) -> Html:
    """Render a form with a control for each of the user's columns, by the column's type."""
    columns = [column for column in context.table.own_columns if column.writable]
    state = await form_state(context, columns)
    return render(
        "new",
        context=context,
        fields=[*fields(columns, state), run_at_field(state)],
        copied=context.parameters.get("copyOf"),
    )


async def form_state(context: ViewContext, columns: Sequence[Column]) -> FormState:
    """Return what a form with fields of these columns is filled with."""
    table, parameters = context.table, context.parameters
    references = await find_references(context.conn, table)
    named = {each.name: references[each.name] for each in columns if each.name in references}
    return FormState(
        values=parameters,
        choices=await offer_all(context.conn, named, parameters),
        defaults=await read_defaults(context.conn, table),
        errors=context.field_errors,
        find_in=parameters.get(FIND_IN, ""),
    )


def last_page(page_size: int) -> int:
    """Return the highest page number of a list."""
    return max(CAP // page_size, 1)
