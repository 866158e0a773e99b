"""What each of the dashboard's addresses does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import psycopg
from psycopg import errors
from starlette.responses import Response

from jobgen_runtime.contract import Cancellation, JobRunning, RecordNotFound, TwinWaiting
from jobgen_runtime.dashboard import own_views
from jobgen_runtime.dashboard.call import Call
from jobgen_runtime.dashboard.default_views import last_page
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.html import Html, joined
from jobgen_runtime.dashboard.insert import InvalidForm
from jobgen_runtime.dashboard.pages import page, see_other
from jobgen_runtime.dashboard.parameters import RequestRefused
from jobgen_runtime.dashboard.templating import render
from jobgen_runtime.record.control import cancel_job, delete_job, retry_job

Action = Callable[[Call], Awaitable[Response]]

UNACCEPTABLE = (psycopg.DataError, psycopg.IntegrityError, errors.RaiseException)
"""How the database says that a new row's values are not to its liking."""


async def list_jobs(call: Call) -> Response:
    """The overview: a section for each table."""
    tables = await call.tables()
    content = render(
        "overview",
        addresses=call.addresses,
        sections=joined([await _section(call, table) for table in tables]),
        missing=call.registry.missing(tables),
        is_empty=not tables,
    )
    return page(call.addresses, "Jobs", content, notice=call.parameters.get("notice"))


async def _section(call: Call, table: JobTable) -> Html:
    """A section, or what is said in its place where the database will not show the table."""
    try:
        async with call.session.conn.transaction():
            return await own_views.section(call, table)
    except psycopg.Error as error:
        if call.session.conn.closed:
            raise
        return render(
            "unreadable", context=call.context(table), message=error.diag.message_primary or ""
        )


async def list_job(call: Call) -> Response:
    """One page of one table."""
    table = await call.table()
    number = call.parameters.clamped("page", default=1, least=1, most=last_page(call.page_size))
    content = await own_views.list_page(call, table, number)
    return page(
        call.addresses, table.title, content, table=table, notice=call.parameters.get("notice")
    )


async def view_job(call: Call) -> Response:
    """One job."""
    table, job_id = await call.table(), call.job_id()
    content = await own_views.detail(call, table, job_id)
    title = f"{table.title} {job_id}"
    notice = call.parameters.get("notice")
    return page(call.addresses, title, content, table=table, job=str(job_id), notice=notice)


async def new_job(call: Call) -> Response:
    """The form for a new job."""
    return await _form(call, await call.table())


async def create_job(call: Call) -> Response:
    """Insert what the form says, or show it again with what is wrong."""
    table = await call.table()
    view = call.display(table).view(call.context(table))
    try:
        async with call.session.conn.transaction():
            await view.create_new_job()
    except InvalidForm as error:
        return await _form(call, table, problems=error.messages)
    except UNACCEPTABLE as error:
        return await _form(call, table, problems=(_reason(error),))
    return see_other(call.addresses.list_job(table.key, notice="created"))


async def _form(call: Call, table: JobTable, problems: tuple[str, ...] = ()) -> Response:
    return page(
        call.addresses,
        f"New job: {table.title}",
        await own_views.new_job(call, table),
        table=table,
        problems=problems,
        status=422 if problems else 200,
    )


def _reason(error: psycopg.Error) -> str:
    """The database's words for people, without the statement."""
    message = error.diag.message_primary or "The database refused the values."
    detail = error.diag.message_detail
    return f"{message}. {detail}" if detail else message


async def retry(call: Call) -> Response:
    """Start a job over."""
    table, job_id = await call.table(), call.job_id()
    with _refused("The job is running. It can start over once its worker is through."):
        await retry_job(call.session.conn, table.record_table, job_id)
    return see_other(call.addresses.view_job(table.key, job_id, notice="retried"))


async def cancel(call: Call) -> Response:
    """End a job for good, or have its worker end it."""
    table, job_id = await call.table(), call.job_id()
    with _refused():
        match await cancel_job(call.session.conn, table.record_table, job_id):
            case Cancellation.DONE:
                notice = "cancelled"
            case Cancellation.REQUESTED:
                notice = "cancelling"
            case Cancellation.TOO_LATE:
                raise RequestRefused(409, "The job has ended already.")
    return see_other(call.addresses.view_job(table.key, job_id, notice=notice))


async def delete(call: Call) -> Response:
    """Delete a job."""
    table, job_id = await call.table(), call.job_id()
    with _refused("The job is running. It can be deleted once its worker is through."):
        try:
            await delete_job(call.session.conn, table.record_table, job_id)
        except errors.IntegrityError as error:
            raise RequestRefused(409, f"The job cannot be deleted: {_reason(error)}") from error
    return see_other(call.addresses.list_job(table.key, notice="deleted"))


@contextmanager
def _refused(running: str = "The job is running.") -> Iterator[None]:
    try:
        yield
    except RecordNotFound as error:
        raise RequestRefused(404, "There is no such job: it may have been deleted.") from error
    except JobRunning as error:
        raise RequestRefused(409, running) from error
    except TwinWaiting as error:
        raise RequestRefused(409, str(error)) from error


ACTIONS: Mapping[str, Mapping[str, Action]] = MappingProxyType(
    {
        "": {"GET": list_jobs},
        "ListJobs": {"GET": list_jobs},
        "ListJob": {"GET": list_job},
        "ViewJob": {"GET": view_job},
        "CreateJob": {"GET": new_job, "POST": create_job},
        "CancelJob": {"POST": cancel},
        "DeleteJob": {"POST": delete},
        "RetryJob": {"POST": retry},
    }
)
"""The actions by the last part of the address, and the method."""
