"""Filters of a list by the values of columns, typed by the column. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import sql

from jobgen_runtime.dashboard.database.discovery import Column
from jobgen_runtime.table import quote_name

NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8", "oid"})
MOMENTS = frozenset({"date", "time", "timetz", "timestamp", "timestamptz"})
TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name"})
NOT_SORTED = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})
FILTER_PREFIX = "where_"
"""A filter's parameter is this and the name of its column."""

FROM_PREFIX, TO_PREFIX = "from.", "to."
"""Each end of a range may also be a parameter: one of these and the name of its column."""

NOTHING = "null"
"""The filter of rows whose column has no value."""

MAX_CHARACTERS = 200
NUMBER = re.compile(r"[+-]?(\d{1,50}(\.\d{0,50})?|\.\d{1,50})([eE][+-]?\d{1,3})?")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class InvalidFilter(ValueError):
    """A filter that does not fit its column; the message says what does."""


@dataclass
class Values:
    """The parameters of a statement, by the placeholders that stand for them."""

    by_name: dict[str, object] = field(default_factory=dict)

    def copy(self) -> Values:
        """Return these values, to which others can be added."""
        return Values(dict(self.by_name))

    def add(self, value: object) -> sql.Composable:
        """Return a placeholder for a value."""
        name = f"value_{len(self.by_name)}"
        self.by_name[name] = value
        return sql.Placeholder(name)


@dataclass(frozen=True)
class Filter:
    """The rows whose column has a value, or one in a range: a text that fits the column."""

    column: Column
    text: str

    @property
    def is_indexed(self) -> bool:
        """Whether an index on the column finds the rows."""
        return self.column.indexed and self.is_equality

    @property
    def is_equality(self) -> bool:
        """Whether the column must equal the text."""
        return self.text != NOTHING and (
            self.column.base in {"uuid", "bool"}
            or bool(self.column.labels)
            or (self.column.references is not None and self.column.base not in NUMBERS | MOMENTS)
            or (self.column.base in NUMBERS | MOMENTS and ".." not in self.text)
        )

    def condition(self, values: Values) -> sql.Composable:
        """Return the condition in SQL, with its values added to `values`."""
        name = quote_name(self.column.name)
        if self.text == NOTHING:
            return sql.SQL("{} IS NULL").format(name)
        if self.column.base in NUMBERS | MOMENTS and ".." in self.text:
            least, _, most = self.text.partition("..")
            parts = [
                sql.SQL("{} {} {}").format(name, sql.SQL(sign), values.add(bound.strip()))
                for sign, bound in ((">=", least), ("<=", most))
                if bound.strip()
            ]
            return sql.SQL(" AND ").join(parts)
        if self.is_equality:
            return sql.SQL("{} = {}").format(name, values.add(self.text))
        return contains(name, self.text, values)


def contains(name: sql.Composable, text: str, values: Values) -> sql.Composable:
    """Return the condition that a column has a text in it, whatever the case."""
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
    return sql.SQL("{}::text ILIKE {}").format(name, values.add(pattern))


def filter_text(parameters: Mapping[str, str], column: str) -> str:
    """Return what the address says about a column: `where_<column>`, or the ends of a range."""
    text = parameters.get(FILTER_PREFIX + column, "").strip()
    least, most = (
        parameters.get(prefix + column, "").strip() for prefix in (FROM_PREFIX, TO_PREFIX)
    )
    if text or not (least or most):
        return text
    return least if least == most else f"{least}..{most}"


def read_filter(column: Column, text: str) -> Filter:
    """Return the filter of a column.

    Numbers, dates and times are single values or ranges ("10..20", "2026-11-01..", "..5"); values
    of enums, booleans and UUIDs are exact; all others are found by a part of their text.

    Raises:
        InvalidFilter: The text does not fit the column's type, or is too long.
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise InvalidFilter(f"{column.label}: at most {MAX_CHARACTERS} characters.")
    if text == NOTHING:
        return Filter(column, text)
    if column.labels and text not in column.labels:
        raise InvalidFilter(f"{column.label}: not one of {', '.join(column.labels)}.")
    if column.base == "bool" and text not in {"true", "false"}:
        raise InvalidFilter(f"{column.label}: true or false.")
    if column.base == "uuid" and not UUID.fullmatch(text):
        raise InvalidFilter(f"{column.label}: not a UUID.")
    if column.base in NUMBERS | MOMENTS:
        bounds = [bound.strip() for bound in text.split("..")]
        if len(bounds) > 2 or not any(bounds):
            raise InvalidFilter(f"{column.label}: a value, or a range such as 1..5.")
        if column.base in NUMBERS and not all(NUMBER.fullmatch(each) for each in bounds if each):
            raise InvalidFilter(f"{column.label}: a number, or a range such as 10..20.")
    return Filter(column, text)


def is_number(column: Column) -> bool:
    """Return whether a column's values are aligned as numbers."""
    return column.base in NUMBERS | {"money"}


def is_sortable(column: Column) -> bool:
    """Return whether a list can be sorted by a column: its type has an order, and pages show it."""
    is_ordered = column.base not in NOT_SORTED and not column.base.startswith("_")
    return is_ordered and not column.is_redacted
