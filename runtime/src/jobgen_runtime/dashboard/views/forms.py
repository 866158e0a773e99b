"""The form of a custom view for a new job, and its fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from jobgen_runtime.dashboard.components.fields import RUN_AT, Field, field_id, run_at_field
from jobgen_runtime.dashboard.components.fields import fields as default_fields
from jobgen_runtime.dashboard.components.html import (
    Html,
    column_name_to_field_label,
    html,
    joined,
)
from jobgen_runtime.dashboard.components.select import Option, record_options
from jobgen_runtime.dashboard.views.default_views import form_state
from jobgen_runtime.dashboard.views.view import View
from jobgen_runtime.dashboard.web.templating import render
from jobgen_runtime.record import Record

R = TypeVar("R", bound=Record)


def form_for(view: View, *content: Html, submit: str = "Create job") -> Html:
    """Return the form for a new job, which calls `create_new_job` when it is sent.

    Args:
        view: The view that renders it (`self`).
        content: Fields, and any other HTML.
        submit: The text on the button.
    """
    return html(
        '<form class="card form" method="post" action="{}">'
        '<input type="hidden" name="tableName" value="{}">'
        # Enter presses a form's first button, which is not to be one of a field's.
        '<button type="submit" class="unseen" tabindex="-1" aria-hidden="true">{}</button>'
        '<div class="fields">{}</div>'
        '<div class="buttons"><button type="submit" class="button primary">{}</button>'
        '<a class="button" href="{}">Cancel</a></div></form>',
        view.addresses.create_job(view.table_name),
        view.table_name,
        submit,
        joined([*content]),
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

    Of a table with more than some hundred rows, offer those to be searched for: `fields_for`.

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
    value = view.context.parameters.get(name, "")
    options = record_options(records, option)
    if value and value not in {each.value for each in options}:
        options = (*options, Option(value, value))
    field = Field(
        name=name,
        label=column_name_to_field_label(name.removesuffix("_id")) if label is None else label,
        control="select",
        value=value,
        hint=hint,
        required=required,
        options=options,
        error=view.context.field_errors.get(name, ""),
    )
    return _rendered(view, [field])


async def fields_for(view: View, *columns: str) -> Html:
    """Return the default form's fields for columns of the job's table, in this order.

    A reference is a select with the names of the rows; of a large table, one with a search. The
    default `create_new_job` inserts what they have.

    Args:
        view: The view that renders them (`self`).
        columns: The names of the columns, also "run_at". Without any, the fields are those of the
            default form.

    Raises:
        ValueError: The table has no such column, or an INSERT cannot give it a value.
    """
    table = view.context.table
    writable = {each.name: each for each in table.own_columns if each.writable}
    names = columns or (*writable, RUN_AT)
    if unknown := [name for name in names if name not in writable and name != RUN_AT]:
        raise ValueError(f"fields_for: a form cannot fill in {', '.join(unknown)} of {table.key}.")
    state = await form_state(view.context, [writable[name] for name in names if name != RUN_AT])
    made = {each.name: each for each in default_fields([*writable.values()], state)}
    made[RUN_AT] = run_at_field(state)
    return _rendered(view, [made[name] for name in names])


def _rendered(view: View, fields: Sequence[Field]) -> Html:
    """Render fields; those of columns with the ids that links to errors lead to."""
    ids = [field_id(view.context.table, field.name) or f"field-{field.name}" for field in fields]
    return render("fields", context=view.context, fields=list(zip(ids, fields, strict=True)))
