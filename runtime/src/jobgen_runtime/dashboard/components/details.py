"""The parts of a job's page: a table of facts, and an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from jobgen_runtime.contract.error_summary import error_summary, split_summary
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.access.redaction import redact_secrets
from jobgen_runtime.dashboard.components.frames import error_parts
from jobgen_runtime.dashboard.components.html import Html, status_to_badge, whole_time
from jobgen_runtime.dashboard.components.times import from_datetime
from jobgen_runtime.dashboard.web.templating import render


def detail_table(facts: Mapping[str, object], *, title: str | None = None) -> Html:
    """Return a card with a row for each fact: `detail_table({"Band": band.name})`.

    Args:
        facts: The values by their headings. A `JobStatus` is shown as its badge, a `datetime` in
            UTC and, with the dashboard's script, in the viewer's zone, None as a dash, HTML as it
            is, and anything else as text.
        title: The heading of the card, if any.
    """
    rows = [(label, _shown(value)) for label, value in facts.items()]
    return render("facts", rows=rows, title=title)


def _shown(value: object) -> object:
    if isinstance(value, JobStatus):
        return status_to_badge(value)
    return whole_time(from_datetime(value)) if isinstance(value, datetime) else value


def error_block(error: str | None, *, name: str = "error", redact: bool = True) -> Html:
    """Return a card with an error: the exception, its message and the traceback.

    Frames of the application's own code are marked, and several of libraries folded between them.

    Args:
        error: A job's `last_error`. Nothing is returned for None.
        name: Begins the ids of its elements, which must differ where a page has several.
        redact: Whether passwords, tokens and keys are redacted (see `redact_secrets`).
    """
    return Html() if error is None else error_card(error, name, redact_secrets if redact else str)


def error_card(error: str, name: str, redact: Callable[[str], str]) -> Html:
    """Return the card of `error_block`.

    Args:
        error: A job's `last_error`.
        name: Begins the ids of its elements.
        redact: Returns a text without its secrets, as `JobTable.redact_error` does.
    """
    kind, message = split_summary(error_summary(error))
    parts = error_parts(redact(error))
    return render(
        "error",
        name=name,
        summary=(kind, redact(message)),
        parts=parts,
        folds=any(each.is_own for each in parts),
    )
