"""The fields to filter a list by, by the type of each column, and its filters in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jobgen_runtime.dashboard.components.choices import Choices
from jobgen_runtime.dashboard.components.fields import INPUT_TYPES, YES_OR_NO, moment_input
from jobgen_runtime.dashboard.components.select import Option
from jobgen_runtime.dashboard.database.discovery import Column
from jobgen_runtime.dashboard.lists.filters import (
    FILTER_PREFIX,
    FROM_PREFIX,
    MOMENTS,
    NOTHING,
    NUMBERS,
    TO_PREFIX,
    Filter,
)


@dataclass(frozen=True)
class Bound:
    """One end of a range: an input."""

    name: str
    label: str
    """ "from" or "to"."""
    value: str
    input_type: str = "text"
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FilterField:
    """A labelled control to filter a list by: a select, the two ends of a range, or an input."""

    column: Column
    value: str
    options: tuple[Option, ...] = ()
    choices: Choices | None = None
    """The rows to choose from, if the column references any."""
    bounds: tuple[Bound, ...] = ()
    hint: str = ""

    @property
    def name(self) -> str:
        """The parameter."""
        return FILTER_PREFIX + self.column.name

    @property
    def is_select(self) -> bool:
        """Whether a value is chosen from some."""
        return bool(self.options) or self.choices is not None

    @property
    def is_searched(self) -> bool:
        """Whether rows were searched for and none is chosen yet."""
        return bool(self.choices and self.choices.search and not self.value)

    @property
    def label(self) -> str:
        """The label, with the time zone of what is typed."""
        is_zoned = any("data-utc" in bound.attributes for bound in self.bounds)
        return f"{self.column.label} (UTC)" if is_zoned else self.column.label


def filter_fields(
    columns: Sequence[Column], filters: Sequence[Filter], choices: Mapping[str, Choices]
) -> list[FilterField]:
    """Return a field to filter by for each column, filled from the filters that are chosen."""
    values = {each.column.name: each.text for each in filters}
    return [
        _field(column, values.get(column.name, ""), choices.get(column.name)) for column in columns
    ]


def _field(column: Column, value: str, choices: Choices | None) -> FilterField:
    if choices is not None:
        return FilterField(column, value, choices.options, choices)
    if column.labels:
        return FilterField(column, value, tuple(Option(each, each) for each in column.labels))
    if column.base == "bool":
        return FilterField(column, value, YES_OR_NO)
    if column.base in NUMBERS | MOMENTS and value != NOTHING:
        bounds = _bounds(column, value)
        if bounds is not None:
            return FilterField(column, value, bounds=bounds)
    hint = "a whole UUID" if column.base == "uuid" else "a part of it"
    return FilterField(column, value, hint=hint)


def _bounds(column: Column, value: str) -> tuple[Bound, ...] | None:
    """Return the ends of a range; None if they are times that an input cannot hold."""
    least, separator, most = (each.strip() for each in value.partition(".."))
    bounds = []
    for prefix, label, text in (
        (FROM_PREFIX, "from", least),
        (TO_PREFIX, "to", most if separator else least),
    ):
        name = prefix + column.name
        if column.base in INPUT_TYPES:
            input_type, shown, attributes = moment_input(column.base, text)
            if input_type == "text":
                return None
            bounds.append(Bound(name, label, shown, input_type, attributes))
        else:
            keyboard = {"inputmode": "decimal"} if column.base in NUMBERS else {}
            bounds.append(Bound(name, label, text, attributes=keyboard))
    return tuple(bounds)


def filter_words(chosen: Filter, choices: Mapping[str, Choices]) -> str:
    """Return a filter in words: "Band: Radiohead", "Amount: from 10"."""
    column, text = chosen.column, chosen.text
    offered = choices.get(column.name)
    options = YES_OR_NO if column.base == "bool" else offered.options if offered else ()
    least, separator, most = (each.strip() for each in text.partition(".."))
    if text == NOTHING:
        words = "no value"
    elif chosen.is_equality:
        words = next((option.label for option in options if option.value == text), text)
    elif column.base not in NUMBERS | MOMENTS or not separator:
        words = f"“{text}”"
    elif least and most:
        words = f"{least} to {most}"
    else:
        words = f"from {least}" if least else f"up to {most}"
    return f"{column.label}: {words}"
