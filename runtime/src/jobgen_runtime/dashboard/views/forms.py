"""The form of a custom view for a new job, and its fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from jobgen_runtime.dashboard.components.html import (
    Html,
    column_name_to_field_label,
    html,
    joined,
)
from jobgen_runtime.dashboard.components.select import record_options, select
from jobgen_runtime.dashboard.views.view import View
from jobgen_runtime.record import Record

R = TypeVar("R", bound=Record)


def form_for(view: View, *fields: Html, submit: str = "Create job") -> Html:
    """Return the form for a new job, which calls `create_new_job` when it is sent.

    Args:
        view: The view that renders it (`self`).
        fields: The content: fields, and any other HTML.
        submit: The text on the button.
    """
    return html(
        '<form class="card form" method="post" action="{}">'
        '<input type="hidden" name="tableName" value="{}">{}'
        '<div class="buttons"><button type="submit" class="button primary">{}</button>'
        '<a class="button" href="{}">Cancel</a></div></form>',
        view.addresses.create_job(view.table_name),
        view.table_name,
        joined([*fields]),
        submit,
        view.addresses.list_job(view.table_name),
    )


def select_field(
    view: View,
    name: str,
    records: Sequence[R],
    *,
    option: Callable[[R], object] | None = None,
    label: str | None = None,
    hint: str = "",
    required: bool = True,
) -> Html:
    """Return a labelled select over records; its value is the primary key of the one chosen.

    What was chosen stays chosen if the form comes back with an error. A parameter of the form's
    address chooses one, too: `CreateJob?tableName=…&band_id=…`.

    Args:
        view: The view that renders it (`self`).
        name: The parameter, usually a foreign key's column: "band_id".
        records: What can be chosen, in this order.
        option: What names a record; by default its name, title, label or slug, else its key.
        label: The label; by default `name` as words, without "id".
        hint: A line below the select.
        required: Whether the browser insists on a choice. Without one, the parameter is empty.

    Raises:
        TypeError: The records' primary key is not one column.
    """
    control = f"field-{name}"
    return html(
        '<div class="field"><label for="{}">{}{}</label>{}{}</div>',
        control,
        column_name_to_field_label(name).removesuffix(" id") if label is None else label,
        html(' <span class="must">required</span>') if required else "",
        select(
            name,
            record_options(records, option),
            control=control,
            value=view.context.parameters.get(name, ""),
            required=required,
            described_by=f"{control}-hint" if hint else None,
        ),
        html('<p class="hint" id="{}-hint">{}</p>', control, hint) if hint else "",
    )
