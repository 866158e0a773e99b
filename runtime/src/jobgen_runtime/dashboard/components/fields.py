"""The controls of the form for a new job, by the type of each column. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobgen_runtime.dashboard.components.choices import Choices
from jobgen_runtime.dashboard.components.select import Option
from jobgen_runtime.dashboard.database.discovery import Column
from jobgen_runtime.dashboard.lists.filters import FILTER_PREFIX, MOMENTS, NUMBERS

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

DECIMALS = frozenset({"numeric", "float4", "float8", "money"})
LONG = frozenset({"text", "json", "jsonb", "xml", "bytea", "tsvector"})
UTC_TYPES = frozenset({"timestamptz", "timetz"})


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


def fields(
    columns: Sequence[Column],
    values: Mapping[str, str],
    choices: Mapping[str, Choices] | None = None,
) -> list[Field]:
    """Return a field, filled from `values`, for each column that an INSERT may give a value.

    Args:
        columns: The columns.
        values: The values that were given, by column.
        choices: The rows to choose from, by column; a reference without them is typed as a key.
    """
    offered = choices or {}
    return [
        field(column, values.get(column.name, ""), offered.get(column.name))
        for column in columns
        if column.writable
    ]


def field(column: Column, value: str, choices: Choices | None = None) -> Field:
    """Return the field of one column. Left empty, the column gets its default."""
    attributes: dict[str, str] = {}
    control, input_type = "input", "text"
    options: tuple[Option, ...] = ()
    if choices is not None:
        control, options = "choice", choices.options
    elif column.labels:
        control = "select"
        options = tuple(Option(label, label) for label in column.labels)
    elif column.base == "bool":
        control = "select"
        options = (Option("true", "Yes"), Option("false", "No"))
    elif column.base in INTEGERS:
        input_type = "number"
        least, most = INTEGERS[column.base]
        attributes = {"min": str(least), "max": str(most), "step": "1"}
    elif column.base in DECIMALS:
        attributes = {"inputmode": "decimal"}
    elif column.base in INPUT_TYPES:
        input_type, value, attributes = _moment_input(INPUT_TYPES[column.base], value)
    elif column.base in LONG or column.base.startswith("_"):
        control = "textarea"
    return Field(
        name=column.name,
        label=column.label,
        control=control,
        value=value,
        hint=hint(column),
        required=column.required,
        input_type=input_type,
        attributes=attributes,
        options=options,
        choices=choices,
    )


def filter_fields(columns: Sequence[Column], values: Mapping[str, str]) -> list[Field]:
    """Return a field to filter by for each column, filled from `values` by column name."""
    return [_filter_field(column, values.get(column.name, "")) for column in columns]


def _filter_field(column: Column, value: str) -> Field:
    options: tuple[Option, ...] = ()
    hint = "a part of it"
    if column.labels:
        options = tuple(Option(label, label) for label in column.labels)
    elif column.base == "bool":
        options = (Option("true", "Yes"), Option("false", "No"))
    elif column.base == "uuid":
        hint = "a whole UUID"
    elif column.base in NUMBERS:
        hint = "10, 10..20, ..20"
    elif column.base in MOMENTS:
        hint = "2026-11-01.."
    return Field(
        name=FILTER_PREFIX + column.name,
        label=column.label,
        control="select" if options else "input",
        value=value,
        hint=hint,
        required=False,
        options=options,
    )


def _moment_input(input_type: str, value: str) -> tuple[str, str, dict[str, str]]:
    """Return the type, value and attributes of an input for a date or time.

    A value that such an input cannot hold is edited as text.
    """
    local = value.removesuffix("+00").replace(" ", "T") if input_type != "time" else value
    if value and not INPUT_VALUES[input_type].fullmatch(local):
        return "text", value, {}
    step = "any" if "." in local else "1"
    return input_type, local, {} if input_type == "date" else {"step": step}


def hint(column: Column) -> str:
    """Return the hint below a field: the type, the format, whether it is optional."""
    parts = [column.type]
    if column.base in UTC_TYPES:
        parts.append("in UTC")
    if column.references is not None:
        parts.append(f"a row of {column.references}")
    if column.base.startswith("_"):
        parts.append("as {first,second}")
    if column.base == "bytea":
        parts.append("as \\x and hexadecimal digits")
    if not column.required:
        parts.append("optional")
    return ", ".join(parts)
