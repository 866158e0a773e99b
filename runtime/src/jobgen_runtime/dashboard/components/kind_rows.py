"""A kind of job as one row of the overview: what is wrong with it, and its jobs by status."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.html import STATUS_LABELS, Html
from jobgen_runtime.dashboard.components.notices import hides_rows, is_without_worker, refused_jobs
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.lists.counts import summarize
from jobgen_runtime.dashboard.views.view import ViewContext
from jobgen_runtime.dashboard.web.templating import render


@dataclass(frozen=True)
class KindRow:
    """A row of the overview."""

    html: Html
    urgency: int = 0
    """What is to be looked at first has the highest."""


@dataclass(frozen=True)
class _Warning:
    text: str
    status: str
    """The status whose colors it has, as a CSS class."""


async def kind_row(context: ViewContext, paused_at: Moment | None = None) -> KindRow:
    """Render a kind as a row of the overview.

    Args:
        context: The kind's table.
        paused_at: When the kind was paused; None if it is not.
    """
    conn, table = context.conn, context.table
    summary = await summarize(conn, table)
    warnings = []
    if paused_at:
        warnings.append(_Warning("paused", "retry"))
    if await is_without_worker(conn, table, summary, context.now):
        warnings.append(_Warning("no worker", "failed"))
    if await refused_jobs(conn, table):
        warnings.append(_Warning("refused by the database", "failed"))
    if await hides_rows(conn, table):
        warnings.append(_Warning("row security hides jobs", "retry"))
    has_failures = any(
        summary.count(status) != "0" for status in (JobStatus.FAILED, JobStatus.TIMED_OUT)
    )
    row = render(
        "kind", context=context, summary=summary, warnings=warnings, statuses=[*STATUS_LABELS]
    )
    return KindRow(row, urgency=2 if warnings else int(has_failures))


def unreadable_row(context: ViewContext, message: str) -> KindRow:
    """Render a kind whose table cannot be read, with the reason."""
    columns = len(STATUS_LABELS) + 1
    row = render("unreadable_kind", context=context, message=message, columns=columns)
    return KindRow(row, urgency=3)
