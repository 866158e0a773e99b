"""Add a schedule, and change one that an operator has added: the form, and what it sends."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from jobgen_runtime.control import ScheduleStatus, add_schedule, change_schedule
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.schedules.refusals import refusals
from jobgen_runtime.dashboard.schedules.schedule_form import (
    InvalidField,
    ScheduleForm,
    identity_fields,
    redacted_values,
    values_table,
)
from jobgen_runtime.dashboard.schedules.schedules import read_schedules
from jobgen_runtime.dashboard.web.pages import page, see_other
from jobgen_runtime.dashboard.web.parameters import RequestRefused
from jobgen_runtime.dashboard.web.templating import render

IN_CODE = (
    "This schedule comes from the code: change it in the option `schedule` of its class. It can be "
    "paused here."
)


async def new_schedule(request: DashboardRequest) -> Response:
    """Show the form for a new schedule, for the kind `tableName` if that is given."""
    return await _new_page(request, {})


async def create_schedule(request: DashboardRequest) -> Response:
    """Add the schedule that the form describes, or show the form again with its errors."""
    if not request.parameters.get("tableName"):
        return await _new_page(request, {"tableName": "Choose the kind of its jobs."})
    table, name = await request.table(), request.parameters.get("name", "")
    form = ScheduleForm.of_request(request.parameters)
    try:
        schedule, values = form.schedule(name), form.job_values(table, {})
        with refusals(table):
            async with request.session.conn.transaction():
                await add_schedule(request.session.conn, values_table(table), schedule, values)
    except InvalidField as error:
        return await _new_page(request, {error.name: error.message})
    except RequestRefused as error:
        field = "name" if error.status == 409 else ""
        return await _new_page(request, {field: error.message}, status=error.status)
    await request.changed(table, None, "added", schedule=name)
    return see_other(request.addresses.section("ListSchedules", notice="schedule_added"))


async def edit_schedule(request: DashboardRequest) -> Response:
    """Show the form of a schedule that an operator has added."""
    table, status = await _existing(request)
    return _edit_page(request, table, status, ScheduleForm.of_schedule(status, table), {})


async def save_schedule(request: DashboardRequest) -> Response:
    """Change a schedule as the form says, or show the form again with its errors."""
    table, status = await _existing(request)
    form = ScheduleForm.of_request(request.parameters)
    try:
        schedule = form.schedule(status.name)
        values = form.job_values(table, redacted_values(status, table))
    except InvalidField as error:
        return _edit_page(request, table, status, form, {error.name: error.message})
    with refusals(table):
        await change_schedule(request.session.conn, values_table(table), schedule, values)
    await request.changed(table, None, "changed", schedule=status.name)
    return see_other(request.addresses.section("ListSchedules", notice="schedule_changed"))


async def _existing(request: DashboardRequest) -> tuple[JobTable, ScheduleStatus]:
    """Return the schedule that the parameters name.

    Raises:
        RequestRefused: There is none (404), or it comes from the code (409).
    """
    table, name = await request.table(), request.parameters.required("name", str)
    with refusals(table):
        found = await read_schedules(request.session.conn, [table])
    status = next((each for _, each in found if each.name == name), None)
    if status is None:
        raise RequestRefused(404, "There is no such schedule.")
    if status.source != "operator":
        raise RequestRefused(409, IN_CODE)
    return table, status


async def _new_page(
    request: DashboardRequest, errors: Mapping[str, str], *, status: int = 422
) -> Response:
    tables = await request.allowed_tables()
    key, name = request.parameters.get("tableName"), request.parameters.get("name", "")
    chosen = next((table for table in tables if table.key == key), None)
    form = ScheduleForm.of_request(request.parameters)
    fields = [
        *identity_fields(tables, chosen, name, errors),
        *form.fields(chosen, errors),
    ]
    content = render(
        "schedule_form",
        addresses=request.addresses,
        fields=fields,
        status=None,
        table=None,
        hidden=(),
    )
    return _form_page(request, "New schedule", content, errors, status)


def _edit_page(
    request: DashboardRequest,
    table: JobTable,
    status: ScheduleStatus,
    form: ScheduleForm,
    errors: Mapping[str, str],
) -> Response:
    content = render(
        "schedule_form",
        addresses=request.addresses,
        fields=form.fields(table, errors),
        status=status,
        table=table,
        hidden=sorted(redacted_values(status, table)),
    )
    return _form_page(request, f"Schedule {status.name}", content, errors, 422)


def _form_page(
    request: DashboardRequest, title: str, content: str, errors: Mapping[str, str], status: int
) -> Response:
    return page(
        request.addresses,
        title,
        content,
        section="ListSchedules",
        problems=tuple(errors.values()),
        status=status if errors else 200,
    )
