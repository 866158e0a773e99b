"""The controls of the form for a new job, by the type of each column. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jobgen_runtime.dashboard.components.choices import Choices
from jobgen_runtime.dashboard.components.defaults import Default
from jobgen_runtime.dashboard.components.select import Option
from jobgen_runtime.dashboard.database.discovery import Column, JobTable

INTEGERS = {
    "int2": (-(2**15), 2**15 - 1),
    "int4": (-(2**31), 2**31 - 1),
    "int8": (-(2**63), 2**63 - 1),
}
INPUT_TYPES = {
    "date": "date",
    "time": "time",
    "timestamp": "datetime-local",
    "timestamptz": "datetime-local",
}
INPUT_VALUES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?"),
    "datetime-local": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?"),
}
"""What these inputs can hold: browsers leave them empty for any other value, such as infinity."""

WHOLE_MINUTE = re.compile(r"(\d\d:\d\d):00(?:\.0{1,3})?$")

DECIMALS = frozenset({"numeric", "float4", "float8", "money"})
LONG = frozenset({"text", "json", "jsonb", "xml", "bytea", "tsvector"})
UTC_TYPES = frozenset({"timestamptz", "timetz"})


YES_OR_NO = (Option("true", "Yes"), Option("false", "No"))
UTC = "in UTC"
RUN_AT = "run_at"
FIND_IN = "findIn"
"""The parameter of a “Find” button: the column whose reference is searched."""


@dataclass(frozen=True)
class Field:
    """One labelled control of a form."""

    name: str
    label: str
    control: str
    """"input", "textarea", "select", or "choice" for a row that the column references."""
    value: str
    hint: str
    required: bool
    input_type: str = "text"
    attributes: Mapping[str, str] | None = None
    options: tuple[Option, ...] = ()
    choices: Choices | None = None
    """The rows that a "choice" offers."""
    error: str = ""
    """Why the value was not accepted."""
    is_focused: bool = False


@dataclass(frozen=True)
class FormState:
    """What a form is filled with, by column."""

    values: Mapping[str, str]
    choices: Mapping[str, Choices] = field(default_factory=dict)
    """The rows to choose from; a reference without them is typed as a key."""
    defaults: Mapping[str, Default] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    find_in: str = ""
    """The column whose reference was searched."""


def fields(columns: Sequence[Column], state: FormState) -> list[Field]:
    """Return a field for each column that an INSERT may give a value.

    The first with an error has the focus, else the one whose reference was searched.
    """
    made = [form_field(column, state) for column in columns if column.writable]
    focused = next((each.name for each in made if each.error), state.find_in)
    return [replace(each, is_focused=each.name == focused) for each in made]


def field_id(table: JobTable, name: str) -> str | None:
    """Return the id of a column's control in the form for a new job; None without one."""
    names = [column.name for column in table.own_columns if column.writable] + [RUN_AT]
    return f"field-{names.index(name) + 1}" if name in names else None


def form_field(column: Column, state: FormState) -> Field:
    """Return the field of one column. Left empty, the column gets its default."""
    value, choices = state.values.get(column.name, ""), state.choices.get(column.name)
    default = state.defaults.get(column.name)
    literal = default.value if default and default.value else ""
    attributes: dict[str, str] = {}
    control, input_type = "input", "text"
    options: tuple[Option, ...] = ()
    if choices is not None:
        control, options = "choice", choices.options
    elif column.labels:
        control = "select"
        options = tuple(Option(label, label) for label in column.labels)
    elif column.base == "bool":
        control, options = "select", YES_OR_NO
    elif column.base in INTEGERS:
        input_type = "number"
        least, most = INTEGERS[column.base]
        attributes = {"min": str(least), "max": str(most), "step": "1"}
    elif column.base in DECIMALS:
        attributes = {"inputmode": "decimal"}
    elif column.base in INPUT_TYPES:
        input_type, value, attributes = moment_input(column.base, value)
    elif column.base in LONG or column.base.startswith("_"):
        control = "textarea"
        attributes = _text_attributes(column)
    if options and column.name not in state.values and literal in {each.value for each in options}:
        value = literal
    elif literal and input_type in {"text", "number"}:
        attributes["placeholder"] = literal
    return Field(
        name=column.name,
        label=column.label,
        control=control,
        value=value,
        hint=hint(column, default, is_choice=choices is not None),
        required=column.required,
        input_type=input_type,
        attributes=attributes,
        options=options,
        choices=choices,
        error=state.errors.get(column.name, ""),
    )


def _text_attributes(column: Column) -> dict[str, str]:
    if column.base == "text":
        return {}
    size = "" if column.base.startswith("_") else " tall"
    return {"class": f"code{size}", "spellcheck": "false"}


def moment_input(base: str, value: str) -> tuple[str, str, dict[str, str]]:
    """Return the type, value and attributes of an input for a date or time.

    A value that such an input cannot hold is edited as text. The dashboard's script shows moments
    in the visitor's time zone (`data-utc`).
    """
    input_type = INPUT_TYPES[base]
    local = value
    if input_type == "datetime-local":
        local = value.removesuffix("Z").removesuffix("+00").replace(" ", "T")
    if value and not INPUT_VALUES[input_type].fullmatch(local):
        return "text", value, {}
    # As browsers write it: only then does a field look unchanged to the script.
    local = WHOLE_MINUTE.sub(r"\1", local)
    attributes = {} if input_type == "date" else {"step": "any" if "." in local else "1"}
    if base == "timestamptz":
        # A browser that restores a value would restore one that the script has converted.
        attributes |= {"data-utc": "", "autocomplete": "off"}
    return input_type, local, attributes


def run_at_field(state: FormState) -> Field:
    """Return the field for when the job is due."""
    input_type, value, attributes = moment_input("timestamptz", state.values.get(RUN_AT, ""))
    return Field(
        name=RUN_AT,
        label="Run at",
        control="input",
        value=value,
        hint=f"{UTC}; if empty, the job is due now",
        required=False,
        input_type=input_type,
        attributes=attributes,
        error=state.errors.get(RUN_AT, ""),
        is_focused=set(state.errors) == {RUN_AT},
    )


def hint(column: Column, default: Default | None = None, *, is_choice: bool = False) -> str:
    """Return the hint below a field: the type, the format, and what it gets if it is empty."""
    parts = [] if is_choice else [column.type]
    if column.base in UTC_TYPES:
        parts.append(UTC)
    if column.references is not None:
        parts.append(f"a row of {column.references}")
    if column.base.startswith("_"):
        parts.append("as {first,second}")
    if column.base in {"json", "jsonb"}:
        parts.append('as {"key": "value"}')
    if column.base == "bytea":
        parts.append("as \\x and hexadecimal digits")
    if default is not None:
        parts.append(f"{default.words} if empty")
    elif not column.required:
        parts.append("optional")
    return ", ".join(parts)
