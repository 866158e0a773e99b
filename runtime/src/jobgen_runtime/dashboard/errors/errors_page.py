"""The page of the errors: the failures of all kinds, grouped by their cause."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from starlette.responses import Response

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.components.sparkline import Bar, sparkline
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.errors.error_filter import RETRYING
from jobgen_runtime.dashboard.errors.failures import read_errors, since
from jobgen_runtime.dashboard.errors.groups import SORTS, ErrorGroup, grouped, in_order
from jobgen_runtime.dashboard.errors.read_failures import read_failures
from jobgen_runtime.dashboard.jobs.job_view import error_in_brief
from jobgen_runtime.dashboard.page_parts import part
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.parameters import RequestRefused
from jobgen_runtime.dashboard.web.templating import render

MAX_GROUPS = 25
"""Groups that the page shows."""

BARS = 30


@dataclass(frozen=True)
class Range:
    """A choice of how far back the page looks."""

    label: str
    seconds: float | None


RANGES = {
    "": Range("All", None),
    "week": Range("Last week", 7 * 86_400),
    "day": Range("Last day", 86_400),
    "hour": Range("Last hour", 3_600),
}
"""The values of the parameter `range`."""


@dataclass(frozen=True)
class ShownGroup:
    """A group as the page shows it."""

    group: ErrorGroup
    exception: str
    message: str
    activity: Html
    rights: frozenset[Right]

    @property
    def count(self) -> str:
        """How many failures there are, as text."""
        return f"{self.group.count:,}{'+' if self.group.is_cut else ''}"


async def list_errors(request: DashboardRequest) -> Response:
    """Show the failures in groups: of one kind if `tableName` is given, else of all."""
    sort, chosen = request.parameters.get("sort", ""), request.parameters.get("range", "")
    if chosen not in RANGES or sort not in {"", *SORTS}:
        raise RequestRefused(400, "The page of the errors does not know this range or order.")
    retrying = "retrying" in request.parameters
    kinds = await request.tables()
    table = await request.table() if request.parameters.get("tableName") else None
    found = await read_failures(request, kinds if table is None else [table], retrying=retrying)
    seconds = RANGES[chosen].seconds
    groups: list[ErrorGroup] = []
    problems, cut = [], []
    for kind, failures in found:
        if isinstance(failures, str):
            problems.append((kind, failures))
            continue
        groups += grouped(
            kind, since(failures, request.session.now, seconds), is_cut=failures.is_cut
        )
        if failures.is_cut:
            cut.append((kind, len(failures.rows)))
    groups = in_order(groups, sort or "last")
    content = render(
        "errors",
        addresses=request.addresses,
        now=request.session.now,
        kinds=kinds,
        table=table,
        ranges=RANGES,
        range=chosen,
        since=_since(request, seconds),
        sort=sort or "last",
        retrying=retrying,
        error_end=RETRYING if retrying else "",
        groups=await _shown(request, groups[:MAX_GROUPS], RANGES[chosen]),
        more=max(len(groups) - MAX_GROUPS, 0),
        cut=cut,
        problems=problems,
    )
    return page(request.addresses, "Errors", content, section="ListErrors", live=True)


def _since(request: DashboardRequest, seconds: float | None) -> str | None:
    """Return the filter of a list that stands for a range."""
    if seconds is None:
        return None
    return f"{Moment(request.session.now.epoch - seconds).iso}.."


async def _shown(
    request: DashboardRequest, groups: list[ErrorGroup], chosen: Range
) -> list[ShownGroup]:
    """Return groups with the message of one failure, and with their failures over time."""
    now = request.session.now.epoch
    first = [group.first_seen.epoch for group in groups if group.first_seen is not None]
    start = min([*first, now - 3_600]) if chosen.seconds is None else now - chosen.seconds
    errors: dict[UUID, str | None] = {}
    for table in {group.table for group in groups}:
        examples = [group.newest.id for group in groups if group.table is table]
        errors |= await part(
            request.session,
            partial(read_errors, request.session.conn, table, examples),
            instead=lambda _reason: {},
        )
    shown = []
    for group in groups:
        exception, message = error_in_brief(errors.get(group.newest.id), group.table.redact_error)
        counts = group.histogram(start, now, BARS)
        shown.append(
            ShownGroup(
                group,
                exception or group.cause.exception,
                message,
                sparkline([Bar(failed=each) for each in counts], f"{sum(counts):,} failures"),
                request.visitor.rights(group.table.key),
            )
        )
    return shown
