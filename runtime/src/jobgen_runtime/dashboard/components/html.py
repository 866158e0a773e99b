"""Safe HTML and the components of views. Everything that is not marked as HTML is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import LiteralString, TypeAlias

from markupsafe import Markup

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.times import Moment, duration, from_datetime, relative

Html: TypeAlias = Markup
"""Text that is already HTML. A view may also return a str, which is escaped."""

STATUS_LABELS = {
    JobStatus.NOT_STARTED: "Not started",
    JobStatus.RUNNING: "Running",
    JobStatus.RETRY: "Will retry",
    JobStatus.FAILED: "Failed",
    JobStatus.TIMED_OUT: "Timed out",
    JobStatus.SUCCEEDED: "Succeeded",
}
"""The statuses in the order in which pages show them."""


def html(template: LiteralString, /, *values: object, **named: object) -> Html:
    """Format a literal as HTML: `html("<td>{}</td>", name)`. Values that are not HTML are escaped.

    Attributes must be quoted in the literal: `html('<a href="{}">{}</a>', address, label)`.
    """
    return Markup(template).format(*values, **named)  # noqa: S704 -- a literal of the code's own


def joined(parts: list[Html]) -> Html:
    """Concatenate HTML."""
    return Markup("").join(parts)


def column_name_to_field_label(name: str) -> str:
    """Return the name of a column or table as a label: "band_id" becomes "Band id"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def status_word(status: JobStatus) -> str:
    """Return the short form of a status, as in addresses: "timed_out"."""
    return status.value.removeprefix("job_status_")


def status_label(status: JobStatus) -> str:
    """Return a status for people; one that this version does not know as the database writes it."""
    return STATUS_LABELS.get(status, status.value)


def status_to_badge(status: JobStatus) -> Html:
    """Return a status as a coloured label."""
    return html(
        '<span class="badge {}">{}</span>',
        status_word(status).replace("_", "-"),
        status_label(status),
    )


def time_ago(moment: datetime | Moment | None, now: datetime | Moment | None = None) -> Html:
    """Return how long ago or ahead a moment is, with the moment as tooltip; a dash for None.

    Args:
        moment: The moment. A `datetime` without a time zone is taken as UTC.
        now: What it is compared with; None for the clock of this machine. In a view,
            `self.time_ago(…)` compares with the database's clock.
    """
    if moment is None:
        return html('<span class="none">&ndash;</span>')
    moment = from_datetime(moment) if isinstance(moment, datetime) else moment
    if moment.iso is None:
        return html("<span>{}</span>", moment)
    now = datetime.now(UTC) if now is None else now
    return html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.iso,
        moment,
        relative(moment, from_datetime(now) if isinstance(now, datetime) else now),
    )


def time_since(moment: Moment, now: Moment) -> Html:
    """Return the time from a moment until now, which goes on: "3 min"."""
    text = duration(moment.since(now))
    if moment.iso is None:
        return html("{}", text)
    return html(
        '<time datetime="{}" title="{}" data-form="for">{}</time>', moment.iso, moment, text
    )


def whole_time(moment: Moment) -> Html:
    """Return a moment itself, in UTC; with the script in the viewer's zone, too."""
    if moment.iso is None:
        return html("{}", moment)
    return html('<time datetime="{}" data-form="whole">{}</time>', moment.iso, moment)


def id_end(job: object) -> str:
    """Return the end of an id, which tells jobs apart: ids of the same minute begin alike."""
    return f"…{str(job)[-6:]}"


def post_button(
    action: str, label: str, values: Mapping[str, object], *, kind: str = "plain", of: str = ""
) -> Html:
    """Return a button that posts `values` to `action`.

    Args:
        action: The address.
        label: The text on the button.
        values: The parameters.
        kind: "plain", "primary", "danger", "small" or "link".
        of: What the button acts on, where several have the same label: read aloud, not shown.
    """
    inputs = joined(
        [html('<input type="hidden" name="{}" value="{}">', *pair) for pair in values.items()]
    )
    return html(
        '<form method="post" action="{}" class="inline">{}'
        '<button type="submit" class="button {}">{}{}</button></form>',
        action,
        inputs,
        kind,
        label,
        html('<span class="unseen"> {}</span>', of) if of else "",
    )


def confirmed(question: str, label: str, button: Html, *, back: str, control: str) -> Html:
    """Return a button that opens a question with another button, which acts.

    Args:
        question: What the second button does.
        label: The text on the first button; an ellipsis follows.
        button: The second button.
        back: The text on the button that closes the question.
        control: The id of the question, which must be the only one of the page.
    """
    return html(
        '<button type="button" class="button" popovertarget="{control}">{label}…</button>'
        '<div class="pop" id="{control}" popover role="dialog" aria-label="{label}">'
        '<p>{question}</p><div class="buttons">'
        '<button type="button" class="button" popovertarget="{control}">{back}</button> {button}'
        "</div></div>",
        control=control,
        label=label,
        question=question,
        back=back,
        button=button,
    )
