"""The page of the schedules: when each has run and runs next, and what is wrong with it."""

from __future__ import annotations

from functools import partial

from psycopg.errors import InsufficientPrivilege, UndefinedTable
from starlette.responses import Response

from jobgen_runtime.control import MAX_SCHEDULES
from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.page_parts import part
from jobgen_runtime.dashboard.schedules.schedules import ShownSchedule, read_schedules
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.templating import render

NO_TABLE = (
    "this database has no table job_schedules, or the search_path does not find it. `jobgen "
    "migrate` creates it"
)
NO_RIGHT = "the dashboard's database role may not read the table job_schedules"


async def list_schedules(request: DashboardRequest) -> Response:
    """Show the schedules of all kinds that the visitor may see, those with a problem first."""
    found = await part(request.session, partial(_read, request), instead=str)
    schedules = found if isinstance(found, list) else []
    schedules.sort(key=lambda each: each.problem is None)
    content = render(
        "schedules",
        addresses=request.addresses,
        now=request.session.now,
        schedules=schedules,
        problems=sum(each.problem is not None for each in schedules),
        unreadable=found if isinstance(found, str) else None,
        max_schedules=MAX_SCHEDULES,
        may_add=await _may_add(request),
    )
    return page(
        request.addresses,
        "Schedules",
        content,
        section="ListSchedules",
        notice=request.parameters.get("notice"),
        live=True,
    )


async def _may_add(request: DashboardRequest) -> bool:
    """Return whether the visitor may add a schedule of some kind."""
    rights = (request.visitor.rights(table.key) for table in await request.tables())
    return any(Right.CREATE in each for each in rights)


async def _read(request: DashboardRequest) -> list[ShownSchedule] | str:
    """Return the schedules, or why they cannot be read."""
    tables = await request.tables()
    try:
        async with request.session.conn.transaction():
            found = await read_schedules(request.session.conn, tables)
    except UndefinedTable:
        return NO_TABLE
    except InsufficientPrivilege:
        return NO_RIGHT
    return [
        ShownSchedule(table, status, request.visitor.rights(table.key), request.session.now)
        for table, status in found
    ]
