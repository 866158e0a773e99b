"""The options of a select, such as the rows that a column references."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jobgen_runtime.record import Record

R = TypeVar("R", bound=Record)

NAME_COLUMNS = ("name", "title", "label", "slug")
"""The columns that name a row for people, the first that there is."""


@dataclass(frozen=True)
class Option:
    """An option of a select."""

    value: str
    label: str


def record_options(
    records: Sequence[R], label: Callable[[R], object] | None = None
) -> tuple[Option, ...]:
    """Return an option for each record, with its primary key as the value.

    Args:
        records: The records of one table.
        label: What names a record; by default its name, title, label or slug, else its key.

    Raises:
        TypeError: The table's primary key is not one column.
    """
    return tuple(
        Option(record_key(record), str(_name(record) if label is None else label(record)))
        for record in records
    )


def record_key(record: Record) -> str:
    """Return the primary key of a record as a value of a form.

    Raises:
        TypeError: The table's primary key is not one column.
    """
    table = record.__table__
    if len(table.key) != 1:
        raise TypeError(
            f"{table.name}: a select needs a primary key of one column, not {len(table.key)}."
        )
    return str(getattr(record, table.attribute(table.key[0])))


def _name(record: Record) -> object:
    attributes = [record.__table__.attribute(column) for column in record.__table__.columns]
    names = (getattr(record, each) for each in NAME_COLUMNS if each in attributes)
    return next((name for name in names if name), record_key(record))
