"""The actions on many jobs: ask, naming the number, then change them and say what happened."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from psycopg import DataError
from starlette.responses import Response

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.changes.bulk import BATCH, change_jobs
from jobgen_runtime.dashboard.changes.operations import RESCHEDULE, Operation, reschedule_to
from jobgen_runtime.dashboard.changes.progress import Progress, read_progress
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors.find_failures import find_selection
from jobgen_runtime.dashboard.lists.counts import Count, summarize
from jobgen_runtime.dashboard.lists.selection import (
    Cursor,
    Selection,
    read_cursor,
    read_moment,
    unsearchable,
)
from jobgen_runtime.dashboard.lists.walk import Walk
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.parameters import Parameters, RequestRefused, uuid
from jobgen_runtime.dashboard.web.templating import render

CHOSEN_PREFIX = "job_"
"""A chosen job's parameter is this and its id."""

DUE_AT = "due_at"
"""The parameter of RESCHEDULE: a moment in UTC, or nothing for now."""

CHUNK = 250
"""Jobs that are changed together. After each the request may end, having taken too long."""

REQUEST_SECONDS = 2.0
"""After how long a request begins no further chunk."""

MOST_COUNTED = 10 * CAP
"""Jobs that are counted for the question, at most."""

COUNT_SECONDS = 0.5
"""After how long the question counts no further jobs, and names those it has counted."""

SINCE = {"hour": 3_600, "today": 0}
"""How far back `since` goes, in seconds; today begins at midnight in UTC."""

NOTHING_CHOSEN = "No job was chosen. Choose jobs in the list, or “all that match”."


def change_many(operation: Operation) -> Callable[[DashboardRequest], Awaitable[Response]]:
    """Return the action that does something with many jobs."""
    return partial(_change_many, operation)


async def _change_many(operation: Operation, request: DashboardRequest) -> Response:
    """Ask, or change jobs; refuse a filter whose value the database does not accept.

    If it refuses to change a single job, that job is skipped with its reason.
    """
    table = await request.table()
    try:
        return await _ask_or_change(operation, request, table)
    except DataError as error:
        raise unsearchable(error, table) from error


async def _ask_or_change(
    operation: Operation, request: DashboardRequest, table: JobTable
) -> Response:
    """Ask whether to change the jobs, or change up to a batch of them if that was confirmed.

    The parameters are those of a list, with `job_<id>` for each chosen job or `all`. `until` and
    `after` come from the page that asked: jobs changed since then are left alone, and each batch
    goes on behind the last job that the one before has looked at, whether it changed that or not.
    """
    parameters = _with_since(request)
    selection = await find_selection(request.session.conn, table, parameters, request.causes)
    chosen = _chosen(request)
    if not chosen and "all" not in request.parameters:
        raise RequestRefused(400, NOTHING_CHOSEN)
    until = _until(request)
    walk = None
    if not chosen:
        summary = await summarize(request.session.conn, table)
        walk = Walk(request.session.conn, table, summary, selection, until)
    shown = partial(_page, request, table, operation, selection, chosen=chosen, until=until)
    if "confirmed" not in request.parameters:
        count = Count(len(chosen))
        if walk is not None:
            # Nothing was changed since now: without this condition, an index alone may do.
            count = await replace(walk, until=None).count(MOST_COUNTED, COUNT_SECONDS)
        return shown(count=count)
    due_at = None
    if operation is RESCHEDULE:
        due_at = _due_at(request)
        operation = replace(operation, statement=reschedule_to(due_at))
    progress = read_progress(request.parameters)
    end = None
    if walk is None:
        await _change_chunk(request, table, operation, chosen, progress)
    else:
        end = await _change_batch(request, walk, operation, progress)
    return shown(progress=progress, after=end, due_at=due_at)


async def _change_batch(
    request: DashboardRequest, walk: Walk, operation: Operation, progress: Progress
) -> Cursor | None:
    """Change up to BATCH of the jobs that match; return where to go on, None at the end."""
    after = None
    if request.parameters.get("after"):
        after = request.parameters.required("after", read_cursor)
    left, deadline = BATCH, monotonic() + REQUEST_SECONDS
    while True:
        step = await walk.step(after, min(CHUNK, left))
        await _change_chunk(request, walk.table, operation, step.jobs, progress)
        left, after = left - len(step.jobs), step.end
        if after is None or left == 0 or monotonic() > deadline:
            return after


async def _change_chunk(
    request: DashboardRequest,
    table: JobTable,
    operation: Operation,
    jobs: list[UUID],
    progress: Progress,
) -> None:
    result = await change_jobs(request.session.conn, table, operation, jobs)
    for job in result.changed:
        await request.changed(table, job, operation.done)
    progress.add(result)


def _chosen(request: DashboardRequest) -> list[UUID]:
    if "all" in request.parameters:
        return []
    names = [name for name in request.parameters if name.startswith(CHOSEN_PREFIX)]
    try:
        return [uuid(name.removeprefix(CHOSEN_PREFIX)) for name in names]
    except ValueError as error:
        raise RequestRefused(400, "A chosen job has no valid id.") from error


def _with_since(request: DashboardRequest) -> Parameters:
    """Return the parameters with a filter in place of `since`, a key of SINCE."""
    word = request.parameters.get("since")
    if not word:
        return request.parameters
    if word not in SINCE:
        raise RequestRefused(400, "The parameter since is invalid.")
    start = Moment(request.session.now.epoch - SINCE[word]).iso or ""
    if word == "today":
        start = start[:10]
    return Parameters({**request.parameters, "where_updated_at": f"{start}.."})


def _until(request: DashboardRequest) -> float:
    now = request.session.now.epoch
    if not request.parameters.get("until"):
        return now
    until = request.parameters.required("until", float)
    return min(until, now) if math.isfinite(until) else now


def _due_at(request: DashboardRequest) -> datetime | None:
    if not request.parameters.get(DUE_AT, "").strip():
        return None
    return request.parameters.required(DUE_AT, read_moment)


def _page(
    request: DashboardRequest,
    table: JobTable,
    operation: Operation,
    selection: Selection,
    *,
    chosen: list[UUID],
    until: float,
    count: Count | None = None,
    progress: Progress | None = None,
    after: Cursor | None = None,
    due_at: datetime | None = None,
) -> Response:
    back: dict[str, Any] = {name: value for name, value in selection.address().items() if value}
    hidden = {"tableName": table.key, **back, "until": repr(until), "confirmed": "1"}
    hidden |= {f"{CHOSEN_PREFIX}{job}": "1" for job in chosen}
    if not chosen:
        hidden["all"] = "1"
    if after and progress:
        hidden |= {"after": str(after), **progress.parameters()}
    if after and due_at:
        hidden[DUE_AT] = f"{due_at:%Y-%m-%dT%H:%M:%S}"
    content = render(
        "bulk",
        context=request.context(table),
        operation=operation,
        address=request.addresses.change_jobs(operation.action),
        label=operation.label(selection.status),
        asks_when=operation.action == RESCHEDULE.action,
        count=count,
        progress=progress,
        is_done=after is None,
        hidden=hidden,
        back=request.addresses.list_job(table.key, **back),
        errors=request.addresses.section("ListErrors") if selection.error else None,
    )
    return page(request.addresses, f"{operation.verb} jobs: {table.title}", content, table=table)
