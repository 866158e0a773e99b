"""The actions behind the dashboard's addresses."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import psycopg
from starlette.responses import Response

from jobgen_runtime.contract.errors import (
    DuplicateJob,
    JobRunning,
    RecordNotFound,
    TransitionSuppressed,
)
from jobgen_runtime.contract.states import Cancellation, JobStatus
from jobgen_runtime.control import cancel_job, delete_job, retry_job
from jobgen_runtime.dashboard import custom_views
from jobgen_runtime.dashboard.connections import TimeIsUp
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.default_views import last_page
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.html import Html, joined
from jobgen_runtime.dashboard.insert import InvalidForm
from jobgen_runtime.dashboard.pages import page, see_other
from jobgen_runtime.dashboard.parameters import Parameters, RequestRefused, uuid
from jobgen_runtime.dashboard.refused_statements import (
    SLOW,
    check_constraints,
    is_statement_error,
    shown_reason,
)
from jobgen_runtime.dashboard.rows import lock_status, read_row
from jobgen_runtime.dashboard.templating import render
from jobgen_runtime.dashboard.visitor import Right

log = logging.getLogger("jobgen.dashboard")


@dataclass(frozen=True)
class Action:
    """What an address and a method do, and the right on the job's table that this needs."""

    run: Callable[[DashboardRequest], Awaitable[Response]]
    right: Right = Right.SEE


NO_JOB = "There is no job with this id. It may have been deleted."
NOT_CREATED = (
    "The job was not created, because create_new_job failed. The application's log says why."
)
SUCCEEDED = (
    "The job has succeeded, and its row is the record of that. “Run again…” on its page makes a "
    "new job with the same values."
)


async def list_jobs(request: DashboardRequest) -> Response:
    """Show the overview, with a section for each table."""
    tables = await request.tables()
    content = render(
        "overview",
        addresses=request.addresses,
        sections=joined([await _section(request, table) for table in tables]),
        missing=await request.missing_tables(),
        is_empty=not tables,
    )
    return page(request.addresses, "Jobs", content, notice=request.parameters.get("notice"))


async def _section(request: DashboardRequest, table: JobTable) -> Html:
    """Render a section, or why the table cannot be read: that costs the other sections little."""
    try:
        async with request.session.part():
            return await custom_views.section(request, table)
    except TimeIsUp:
        message = "the sections above took all the time that this page has"
    except TimeoutError:
        message = SLOW
    except psycopg.Error as error:
        if request.session.conn.closed:
            raise
        message = shown_reason(error)
    return render("unreadable", context=request.context(table), message=message)


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
    )


async def new_job(request: DashboardRequest) -> Response:
    """Show the form for a new job, filled with the values of the job `copyOf` if that is given."""
    table = await request.table()
    if not request.parameters.get("copyOf"):
        return await _form(request, table)
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
    return await _form(filled, table, notes=left_out)


async def create_job(request: DashboardRequest) -> Response:
    """Insert the job that the form describes, or show the form again with its errors."""
    table = await request.table()
    view = request.display(table).view(request.context(table))
    try:
        async with request.session.conn.transaction():
            job_id = await view.create_new_job()
            await check_constraints(request.session.conn)
    except InvalidForm as error:
        return await _form(request, table, problems=error.messages)
    except RequestRefused as error:
        return await _form(request, table, problems=(error.message,))
    except psycopg.Error as error:
        if not is_statement_error(request.session.conn, error):
            raise
        return await _form(request, table, problems=(shown_reason(error),))
    except Exception:
        log.exception("create_new_job of the dashboard failed for %s", table.key)
        return await _form(request, table, problems=(NOT_CREATED,), status=500)
    await request.changed(table, job_id)
    return see_other(request.addresses.list_job(table.key, notice="created"))


async def _form(
    request: DashboardRequest,
    table: JobTable,
    *,
    problems: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    status: int = 422,
) -> Response:
    return page(
        request.addresses,
        f"New job: {table.title}",
        await custom_views.new_job(request, table),
        table=table,
        problems=problems or notes,
        status=status if problems else 200,
    )


async def retry(request: DashboardRequest) -> Response:
    """Make a job due now, with no attempts counted; refuse one that has succeeded."""
    table, job_id = await request.table(), request.job_id()

    async def order() -> str:
        if await lock_status(request.session.conn, table, job_id) is JobStatus.SUCCEEDED:
            raise RequestRefused(409, SUCCEEDED)
        await retry_job(request.session.conn, table.record_table, job_id)
        return request.addresses.view_job(table.key, job_id, notice="retried")

    return await _carry_out(
        request, order, running="The job is running. It can be retried once it has ended."
    )


async def cancel(request: DashboardRequest) -> Response:
    """Cancel a job, or ask its worker to."""
    table, job_id = await request.table(), request.job_id()

    async def order() -> str:
        match await cancel_job(request.session.conn, table.record_table, job_id):
            case Cancellation.DONE:
                notice = "cancelled"
            case Cancellation.REQUESTED:
                notice = "cancelling"
            case Cancellation.TOO_LATE:
                raise RequestRefused(409, "The job has already ended.")
        return request.addresses.view_job(table.key, job_id, notice=notice)

    return await _carry_out(request, order, running="The job is running.")


async def delete(request: DashboardRequest) -> Response:
    """Delete a job."""
    table, job_id = await request.table(), request.job_id()

    async def order() -> str:
        await delete_job(request.session.conn, table.record_table, job_id)
        return request.addresses.list_job(table.key, notice="deleted")

    return await _carry_out(
        request, order, running="The job is running. It can be deleted once it has ended."
    )


async def _carry_out(
    request: DashboardRequest, order: Callable[[], Awaitable[str]], *, running: str
) -> Response:
    """Run an operation, then redirect to the address that it returns, or show why it was refused.

    Args:
        request: The request, which names the job.
        order: The operation. Its changes are rolled back if it is refused.
        running: The message for a job that is running.
    """
    conn = request.session.conn
    try:
        async with conn.transaction():
            address = await order()
            await check_constraints(conn)
            await request.changed(await request.table(), request.job_id())
    except RecordNotFound as error:
        raise RequestRefused(404, NO_JOB) from error
    except JobRunning as error:
        raise RequestRefused(409, running) from error
    except (DuplicateJob, TransitionSuppressed) as error:
        raise RequestRefused(409, str(error)) from error
    except psycopg.Error as error:
        if not is_statement_error(conn, error):
            raise
        problem = f"The database refuses this: {shown_reason(error)}"
        return await view_job(request, problems=(problem,))
    return see_other(address)


ACTIONS: Mapping[str, Mapping[str, Action]] = MappingProxyType(
    {
        "": {"GET": Action(list_jobs)},
        "ListJobs": {"GET": Action(list_jobs)},
        "ListJob": {"GET": Action(list_job)},
        "ViewJob": {"GET": Action(view_job)},
        "CreateJob": {
            "GET": Action(new_job, Right.CREATE),
            "POST": Action(create_job, Right.CREATE),
        },
        "CancelJob": {"POST": Action(cancel, Right.CANCEL)},
        "DeleteJob": {"POST": Action(delete, Right.DELETE)},
        "RetryJob": {"POST": Action(retry, Right.RETRY)},
    }
)
"""The actions by the last part of the address, then by method."""
