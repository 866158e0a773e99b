"""Pause and resume kinds: no job of a paused kind starts on any worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.errors import InsufficientPrivilege, UndefinedTable
from starlette.responses import Response

from jobgen_runtime.control import pause_kind, resume_kind
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.lists.pauses import read_pauses
from jobgen_runtime.dashboard.web.pages import page, see_other
from jobgen_runtime.dashboard.web.parameters import RequestRefused
from jobgen_runtime.dashboard.web.templating import render

FORBIDDEN = (
    "The dashboard's database role may not pause kinds. Grant it SELECT, INSERT and DELETE on the "
    "table job_pauses."
)
NO_PAUSES = (
    "This database does not have the table job_pauses, which newer versions need to pause kinds. "
    "Update the database's schema first."
)


@dataclass(frozen=True)
class _Change:
    """Whether kinds are paused or resumed."""

    verb: str
    done: str
    pauses: bool


PAUSE = _Change("Pause", "paused", pauses=True)
RESUME = _Change("Resume", "resumed", pauses=False)


async def pause(request: DashboardRequest) -> Response:
    """Pause a kind, and return to its list or to the overview."""
    return await _change_one(request, PAUSE)


async def resume(request: DashboardRequest) -> Response:
    """Resume a kind, and return to its list or to the overview."""
    return await _change_one(request, RESUME)


async def pause_all(request: DashboardRequest) -> Response:
    """Ask whether to pause all kinds that the visitor may pause, or do it if that was confirmed."""
    return await _change_all(request, PAUSE)


async def resume_all(request: DashboardRequest) -> Response:
    """Ask whether to resume all paused kinds, or do it if that was confirmed."""
    return await _change_all(request, RESUME)


async def _change_one(request: DashboardRequest, change: _Change) -> Response:
    table = await request.table()
    await _carry_out(request, [table], change)
    if request.parameters.get("to") == "overview":
        return see_other(request.addresses.list_jobs(notice=change.done))
    return see_other(request.addresses.list_job(table.key, notice=change.done))


async def _change_all(request: DashboardRequest, change: _Change) -> Response:
    tables = await request.allowed_tables()
    is_all = len(tables) == len(await request.tables())
    if "confirmed" in request.parameters:
        await _carry_out(request, tables, change)
        notice = f"{'all' if is_all else 'allowed'}_{change.done}"
        return see_other(request.addresses.list_jobs(notice=notice))
    pauses = await read_pauses(request.session.conn)
    concerned = [table for table in tables if (pauses.since(table) is None) is change.pauses]
    content = render(
        "pause_all", addresses=request.addresses, change=change, tables=concerned, is_all=is_all
    )
    return page(request.addresses, f"{change.verb} all kinds", content)


async def _carry_out(
    request: DashboardRequest, tables: Sequence[JobTable], change: _Change
) -> None:
    """Pause or resume kinds; those that were so before are left alone.

    Raises:
        RequestRefused: The database does not allow it (403 or 409).
    """
    conn = request.session.conn
    operation = pause_kind if change.pauses else resume_kind
    try:
        for table in tables:
            if await operation(conn, table.record_table):
                await request.changed(table, None, change.done)
    except InsufficientPrivilege as error:
        raise RequestRefused(403, FORBIDDEN) from error
    except UndefinedTable as error:
        raise RequestRefused(409, NO_PAUSES) from error
