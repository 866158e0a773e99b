"""A kind of job as one row of the overview: what is wrong with it, its jobs and its figures."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen_runtime.dashboard.components.html import STATUS_LABELS, Html, status_word
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.overview.kind_state import KindState
from jobgen_runtime.dashboard.views.view import ViewContext
from jobgen_runtime.dashboard.web.templating import render

COLUMNS = len(STATUS_LABELS) + 7
"""The columns of the overview's table."""

STATUSES = [
    (status, status_word(status), status_word(status).replace("_", "-"), label)
    for status, label in STATUS_LABELS.items()
]
"""The statuses with their words in addresses, their CSS classes and their labels."""

UNREADABLE = (1_000, 0)
"""The urgency of a table that cannot be read."""


@dataclass(frozen=True)
class KindRow:
    """A row of the overview, and what it shows."""

    html: Html
    table: JobTable
    urgency: tuple[int, int]
    """What is to be looked at first has the highest."""

    state: KindState | None = None
    """None if the table cannot be read."""


def kind_row(context: ViewContext, state: KindState, *, is_one_of_many: bool) -> KindRow:
    """Render a kind as a row of the overview; without a button to pause it among many."""
    row = render(
        "kind",
        context=context,
        state=state,
        is_one_of_many=is_one_of_many,
        summary=state.counts.summary,
        statuses=STATUSES,
        address=context.addresses.list_job(context.table.key),
        bars=state.figures and state.figures.bars,
        last_hour=state.last_hour,
    )
    return KindRow(row, context.table, state.urgency, state)


def unreadable_row(context: ViewContext, message: str) -> KindRow:
    """Render a kind whose table cannot be read, with the reason."""
    row = render("unreadable_kind", context=context, message=message, columns=COLUMNS - 1)
    return KindRow(row, context.table, UNREADABLE)
