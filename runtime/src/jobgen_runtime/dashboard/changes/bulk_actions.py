"""The actions on many jobs: ask, naming the number, then change them and say what happened."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from starlette.responses import Response

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.changes.bulk import BATCH, BulkResult, change_jobs, matching_jobs
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors.find_failures import find_selection
from jobgen_runtime.dashboard.lists.counts import Count, Summary, summarize
from jobgen_runtime.dashboard.lists.selection import Selection, read_cursor
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.parameters import RequestRefused, uuid
from jobgen_runtime.dashboard.web.templating import render

DONE = {Right.RETRY: "retried", Right.CANCEL: "cancelled", Right.DELETE: "deleted"}

CHOSEN_PREFIX = "job_"
"""A chosen job's parameter is this and its id."""

NOTHING_CHOSEN = "No job was chosen. Choose jobs in the list, or “all that match”."


async def change_many(request: DashboardRequest) -> Response:
    """Ask whether to change the jobs, or change up to a batch of them if that was confirmed.

    The parameters are those of a list, with `job_<id>` for each chosen job or `all`. `until` and
    `after` come from the page that asked: jobs changed since then are left alone, and each batch
    goes on where the one before ended.
    """
    table = await request.table()
    selection = await find_selection(
        request.session.conn, table, request.parameters, request.causes
    )
    chosen = _chosen(request)
    takes_all = "all" in request.parameters
    if not chosen and not takes_all:
        raise RequestRefused(400, NOTHING_CHOSEN)
    until = _until(request)
    summary = await summarize(request.session.conn, table) if takes_all else Summary()
    if "confirmed" not in request.parameters:
        count = Count(len(chosen))
        if takes_all:
            count = await _count(request, table, summary, selection, until)
        return _page(request, table, selection, chosen=chosen, count=count, until=until)
    jobs, after = chosen[:BATCH], None
    if takes_all:
        start = request.parameters.get("after")
        found = await matching_jobs(
            request.session.conn,
            table,
            summary,
            selection,
            until=until,
            after=request.parameters.required("after", read_cursor) if start else None,
            limit=BATCH + 1,
        )
        jobs = [job for job, _ in found[:BATCH]]
        after = str(found[BATCH - 1][1]) if len(found) > BATCH else None
    result = await change_jobs(request.session.conn, table, request.right, jobs)
    for job in result.changed:
        await request.changed(table, job, DONE[request.right])
    return _page(request, table, selection, result=result, until=until, after=after)


def _chosen(request: DashboardRequest) -> list[UUID]:
    names = [name for name in request.parameters if name.startswith(CHOSEN_PREFIX)]
    try:
        return [uuid(name.removeprefix(CHOSEN_PREFIX)) for name in names]
    except ValueError as error:
        raise RequestRefused(400, "A chosen job has no valid id.") from error


def _until(request: DashboardRequest) -> float:
    now = request.session.now.epoch
    if not request.parameters.get("until"):
        return now
    until = request.parameters.required("until", float)
    return min(until, now) if math.isfinite(until) else now


async def _count(
    request: DashboardRequest,
    table: JobTable,
    summary: Summary,
    selection: Selection,
    until: float,
) -> Count:
    found = await matching_jobs(
        request.session.conn,
        table,
        summary,
        selection,
        until=until,
        after=None,
        limit=CAP + 1,
    )
    has_more = len(found) > CAP or (selection.error is not None and selection.error.is_cut)
    return Count(min(len(found), CAP), "+" if has_more else "")


def _page(
    request: DashboardRequest,
    table: JobTable,
    selection: Selection,
    *,
    until: float,
    chosen: list[UUID] | None = None,
    count: Count | None = None,
    result: BulkResult | None = None,
    after: str | None = None,
) -> Response:
    back: dict[str, Any] = {name: value for name, value in selection.address().items() if value}
    hidden = {"tableName": table.key, **back, "until": repr(until)}
    hidden |= {f"{CHOSEN_PREFIX}{job}": "1" for job in chosen or ()}
    if not chosen:
        hidden["all"] = "1"
    if after:
        hidden["after"] = after
    content = render(
        "bulk",
        context=request.context(table),
        right=request.right,
        count=count,
        result=result,
        after=after,
        hidden=hidden,
        back=request.addresses.list_job(table.key, **back),
        errors=request.addresses.section("ListErrors") if selection.error else None,
    )
    title = f"{request.right.value.capitalize()} jobs: {table.title}"
    return page(request.addresses, title, content, table=table)
