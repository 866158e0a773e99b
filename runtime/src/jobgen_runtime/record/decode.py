"""Turn the rows of a result into records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from psycopg.rows import RowMaker, no_result

from jobgen_runtime.contract.errors import QueryMismatch
from jobgen_runtime.record.values import enum_loader
from jobgen_runtime.table import Table

R = TypeVar("R")


class _Column(Protocol):
    @property
    def name(self) -> str: ...


class _Result(Protocol):
    """The part of a cursor, synchronous or not, that is used here."""

    @property
    def description(self) -> Sequence[_Column] | None: ...


def row_maker(
    cls: type[R], table: Table, enums: Mapping[str, type[Enum]], columns: Sequence[str]
) -> RowMaker[R]:
    """Return a function that makes a record from a row.

    Args:
        cls: The record class.
        table: The record's table.
        enums: The Enum class of each column that needs one.
        columns: The columns of the row, in order. Those that the table does not have are ignored.
    """
    known = frozenset(table.columns)
    names = [table.attribute(column) if column in known else "" for column in columns]
    loaders: list[tuple[str, str, Callable[[Any], object]]] = [
        (column, table.attribute(column), enum_loader(enum))
        for column, enum in enums.items()
        if column in columns
    ]
    unknown = "" in names
    new, name_values = cls.__new__, _dict_display(tuple(names))

    def make(values: Sequence[Any]) -> R:
        attributes = name_values(*values)
        if unknown:
            del attributes[""]
        for column, attribute, load in loaders:
            if attributes[attribute] is None:
                continue
            try:
                attributes[attribute] = load(attributes[attribute])
            except ValueError as error:
                raise ValueError(f"{table.qualified_name}.{column}: {error}") from error
        record = new(cls)
        record.__dict__ = attributes
        return record

    return make


@lru_cache(maxsize=1024)
def _dict_display(names: tuple[str, ...]) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a dictionary of as many values, with these names as its keys.

    It is compiled, because that takes half as long as `dict(zip(names, values))`.
    """
    values = [f"value_{number}" for number in range(len(names))]
    items = ", ".join(f"{name!r}: {value}" for name, value in zip(names, values, strict=True))
    display: Callable[..., dict[str, Any]]
    display = eval(f"lambda {', '.join(values)}: {{{items}}}")  # noqa: S307 -- names are quoted
    return display


def named_rows(
    cls: type[R], table: Table, enums: Mapping[str, type[Enum]]
) -> Callable[[_Result], RowMaker[R]]:
    """Return a row factory that maps the columns of a result by their names.

    The factory raises QueryMismatch if a column of the table is missing or occurs twice.
    """

    def factory(result: _Result) -> RowMaker[R]:
        if result.description is None:
            return no_result
        columns = [column.name for column in result.description]
        missing = [column for column in table.columns if column not in columns]
        doubled = [column for column in table.columns if columns.count(column) > 1]
        if missing or doubled:
            names = ", ".join(missing or doubled)
            problem = "does not have" if missing else "has more than once"
            raise QueryMismatch(
                f"The query's result is not a row of {cls.__name__}: it {problem} {names}.",
                hint=f"Select each column of {table.qualified_name} once. If the database "
                "does not have one, run `jobgen migrate`.",
            )
        return row_maker(cls, table, enums, columns)

    return factory


def fixed_rows(make: RowMaker[R]) -> Callable[[object], RowMaker[R]]:
    """Return a row factory for results that have the record's columns in the table's order."""

    def factory(_result: object) -> RowMaker[R]:
        return make

    return factory
