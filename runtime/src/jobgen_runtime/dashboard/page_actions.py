"""The pages behind the dashboard's addresses: each reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from jobgen_runtime.dashboard.components.choices import MAX_SEARCH, offer
from jobgen_runtime.dashboard.components.fields import field_id
from jobgen_runtime.dashboard.components.html import Html, html
from jobgen_runtime.dashboard.components.references import find_references
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.jobs.rows import read_row
from jobgen_runtime.dashboard.views import custom_views
from jobgen_runtime.dashboard.views.default_views import last_page
from jobgen_runtime.dashboard.web.pages import json_answer, page
from jobgen_runtime.dashboard.web.parameters import Parameters, RequestRefused, uuid

NO_JOB = "There is no job with this id. It may have been deleted."


async def list_job(request: DashboardRequest) -> Response:
    """Show one page of a table's list."""
    table = await request.table()
    number = request.parameters.clamped(
        "page", default=1, least=1, most=last_page(request.page_size)
    )
    content = await custom_views.list_page(request, table, number)
    return page(
        request.addresses,
        table.title,
        content,
        table=table,
        notice=request.parameters.get("notice"),
        live=True,
    )


async def view_job(request: DashboardRequest, problems: tuple[str, ...] = ()) -> Response:
    """Show one job, with the reasons why an operation on it was refused."""
    table, job_id = await request.table(), request.job_id()
    content = await custom_views.detail(request, table, job_id)
    title = f"{table.title} {job_id}"
    notice = request.parameters.get("notice")
    return page(
        request.addresses,
        title,
        content,
        table=table,
        job=str(job_id),
        notice=notice,
        problems=problems,
        status=409 if problems else 200,
        live=not problems,
    )


async def new_job(request: DashboardRequest) -> Response:
    """Show the form for a new job, filled with the values of the job `copyOf` if that is given."""
    table = await request.table()
    if not request.parameters.get("copyOf"):
        return await form_page(request, table)
    job_id = request.parameters.required("copyOf", uuid)
    copied = await read_row(request.session.conn, table, job_id)
    if copied is None:
        raise RequestRefused(404, NO_JOB)
    values = copied.whole_values()
    left_out = tuple(
        f"{column.label} could not be copied."
        for column, value in copied.own
        if column.writable and value is not None and column.name not in values
    )
    filled = replace(request, parameters=Parameters({**values, **request.parameters}))
    return await form_page(filled, table, notes=left_out)


async def form_page(
    request: DashboardRequest,
    table: JobTable,
    *,
    problems: tuple[str, ...] = (),
    fields: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    status: int = 422,
) -> Response:
    """Show the form for a new job.

    Args:
        request: The request, whose parameters fill in the form.
        table: The job's table.
        problems: Why a job was not created.
        fields: Why values were not accepted, by column: shown at the fields, and above.
        notes: What else to say above the form.
        status: The HTTP status if there are problems.
    """
    errors = fields or {}
    view = await custom_views.new_job(replace(request, field_errors=errors), table)
    problems += tuple(_field_error(table, view, *each) for each in errors.items())
    return page(
        request.addresses,
        f"New job: {table.title}",
        view,
        table=table,
        problems=problems or notes,
        status=status if problems else 200,
    )


def _field_error(table: JobTable, form: Html, name: str, message: str) -> str:
    """Return an error with a link to its field, if the form has that."""
    column = next((each for each in table.columns if each.name == name), None)
    label = column.label if column else name
    place = field_id(table, name)
    if place is None or f'id="{place}"' not in form:
        return f"{label}: {message}"
    return html('<a href="#{}">{}</a>: {}', place, label, message)


async def find_reference(request: DashboardRequest) -> Response:
    """Return the rows that match `q` in the table that `column` references, as JSON.

    Whoever may see a kind of job sees the names of the rows that it references.
    """
    table = await request.table()
    column = request.parameters.required("column", str)
    text = request.parameters.get("q", "")
    if len(text) > MAX_SEARCH:
        raise RequestRefused(400, f"Search for at most {MAX_SEARCH} characters.")
    reference = (await find_references(request.session.conn, table)).get(column)
    if reference is None:
        raise RequestRefused(404, "This column references no rows to choose from.")
    choices = await offer(request.session.conn, reference, search=text)
    if choices is None:
        return json_answer({"options": [], "note": "The rows cannot be read."})
    options = [[option.value, option.label] for option in choices.options]
    return json_answer({"options": options, "note": choices.note})
