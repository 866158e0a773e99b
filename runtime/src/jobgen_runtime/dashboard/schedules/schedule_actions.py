"""Pause, resume and remove schedules, and run one now."""

from __future__ import annotations

from starlette.responses import Response

from jobgen_runtime.control import (
    pause_schedule,
    remove_schedule,
    resume_schedule,
    run_schedule_now,
)
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.schedules.refusals import refusals
from jobgen_runtime.dashboard.web.pages import see_other
from jobgen_runtime.dashboard.web.parameters import RequestRefused

SUPPRESSED = "A trigger or a policy of the table suppressed the new job."


async def pause(request: DashboardRequest) -> Response:
    """Insert no jobs of a schedule until it is resumed."""
    table, name = await _named(request)
    with refusals(table):
        if await pause_schedule(request.session.conn, table.record_table, name):
            await request.changed(table, None, "paused", schedule=name)
    return _back(request, "schedule_paused")


async def resume(request: DashboardRequest) -> Response:
    """Let a schedule insert jobs again."""
    table, name = await _named(request)
    with refusals(table):
        if await resume_schedule(request.session.conn, table.record_table, name):
            await request.changed(table, None, "resumed", schedule=name)
    return _back(request, "schedule_resumed")


async def remove(request: DashboardRequest) -> Response:
    """Delete a schedule."""
    table, name = await _named(request)
    with refusals(table):
        await remove_schedule(request.session.conn, table.record_table, name)
        await request.changed(table, None, "removed", schedule=name)
    return _back(request, "schedule_removed")


async def run_now(request: DashboardRequest) -> Response:
    """Insert a job of a schedule now, and show it."""
    table, name = await _named(request)
    with refusals(table):
        job_id = await run_schedule_now(request.session.conn, table.record_table, name)
        if job_id is None:
            raise RequestRefused(409, SUPPRESSED)
        await request.changed(table, job_id, "created")
    return see_other(request.addresses.view_job(table.key, job_id, notice="created"))


async def _named(request: DashboardRequest) -> tuple[JobTable, str]:
    return await request.table(), request.parameters.required("name", str)


def _back(request: DashboardRequest, notice: str) -> Response:
    return see_other(request.addresses.section("ListSchedules", notice=notice))
