"""The changes behind the dashboard's addresses. Each is one POST, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

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
from jobgen_runtime.dashboard.changes.form_errors import errors_by_field
from jobgen_runtime.dashboard.changes.insert import InvalidForm
from jobgen_runtime.dashboard.components.fields import FIND_IN
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.refused_statements import (
    check_constraints,
    is_statement_error,
    shown_reason,
)
from jobgen_runtime.dashboard.jobs.rows import lock_status
from jobgen_runtime.dashboard.page_actions import NO_JOB, form_page, view_job
from jobgen_runtime.dashboard.web.pages import see_other
from jobgen_runtime.dashboard.web.parameters import RequestRefused

log = logging.getLogger("jobgen.dashboard")

NOT_CREATED = (
    "The job was not created, because create_new_job failed. The application's log says why."
)
SUCCEEDED = (
    "The job has succeeded, and its row is the record of that. “Run again…” on its page makes a "
    "new job with the same values."
)


async def create_job(request: DashboardRequest) -> Response:
    """Insert the job that the form describes, or show the form again with its errors."""
    table = await request.table()
    if request.parameters.get(FIND_IN):
        return await form_page(request, table)
    view = request.display(table).view(request.context(table))
    try:
        async with request.session.conn.transaction():
            job_id = await view.create_new_job()
            await check_constraints(request.session.conn)
    except InvalidForm as error:
        return await form_page(request, table, problems=error.messages, fields=error.fields)
    except (DuplicateJob, RequestRefused) as error:
        return await form_page(request, table, problems=(error.message,))
    except psycopg.Error as error:
        if not is_statement_error(request.session.conn, error):
            raise
        fields = await errors_by_field(request.session.conn, table, error)
        problems = () if fields else (shown_reason(error, table),)
        return await form_page(request, table, problems=problems, fields=fields)
    except Exception:
        log.exception("create_new_job of the dashboard failed for %s", table.key)
        return await form_page(request, table, problems=(NOT_CREATED,), status=500)
    await request.changed(table, job_id, "created")
    return see_other(request.addresses.list_job(table.key, notice="created"))


async def retry(request: DashboardRequest) -> Response:
    """Make a job due now, with no attempts counted; refuse one that has succeeded."""
    table, job_id = await request.table(), request.job_id()

    async def order() -> str:
        if await lock_status(request.session.conn, table, job_id) is JobStatus.SUCCEEDED:
            raise RequestRefused(409, SUCCEEDED)
        await retry_job(request.session.conn, table.record_table, job_id)
        return request.addresses.view_job(table.key, job_id, notice="retried")

    return await _carry_out(
        request,
        order,
        done="retried",
        running="The job is running. It can be retried once it has ended.",
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

    return await _carry_out(request, order, done="cancelled", running="The job is running.")


async def delete(request: DashboardRequest) -> Response:
    """Delete a job."""
    table, job_id = await request.table(), request.job_id()

    async def order() -> str:
        await delete_job(request.session.conn, table.record_table, job_id)
        return request.addresses.list_job(table.key, notice="deleted")

    return await _carry_out(
        request,
        order,
        done="deleted",
        running="The job is running. It can be deleted once it has ended.",
    )


async def _carry_out(
    request: DashboardRequest, order: Callable[[], Awaitable[str]], *, done: str, running: str
) -> Response:
    """Run an operation, then redirect to the address that it returns, or show why it was refused.

    Args:
        request: The request, which names the job.
        order: The operation. Its changes are rolled back if it is refused.
        done: What it does, as `Change` has it.
        running: The message for a job that is running.
    """
    conn, table = request.session.conn, await request.table()
    try:
        async with conn.transaction():
            address = await order()
            await check_constraints(conn)
            await request.changed(table, request.job_id(), done)
    except RecordNotFound as error:
        raise RequestRefused(404, NO_JOB) from error
    except JobRunning as error:
        raise RequestRefused(409, running) from error
    except (DuplicateJob, TransitionSuppressed) as error:
        raise RequestRefused(409, table.redact(str(error))) from error
    except psycopg.Error as error:
        if not is_statement_error(conn, error):
            raise
        problem = f"The database refuses this: {shown_reason(error, table)}"
        return await view_job(request, problems=(problem,))
    return see_other(address)
