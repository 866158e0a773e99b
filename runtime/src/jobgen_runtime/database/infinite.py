"""Dates that Postgres has and Python has not: infinity, either way.

The driver refuses them. They are legal in a job's row (`run_at = 'infinity'` parks it), so here
they are read as the last and the first moment that Python knows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from psycopg import AsyncCursor, Cursor, abc, adapt
from psycopg.rows import RowMaker
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

T = TypeVar("T")
LAST = datetime(date.max.year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
FIRST = datetime(date.min.year, 1, 1, tzinfo=UTC)
M = TypeVar("M")


def _moment(data: abc.Buffer, last: M, first: M, load: Callable[[abc.Buffer], M]) -> M:
    text = bytes(data)
    if text == b"infinity":
        return last
    return first if text == b"-infinity" else load(data)


# As for any column of the type timestamp, without a time zone.
_LAST, _FIRST = (moment.replace(tzinfo=None) for moment in (LAST, FIRST))


class _Date(DateLoader):
    def load(self, data: abc.Buffer) -> date:
        return _moment(data, date.max, date.min, super().load)


class _Timestamp(TimestampLoader):
    def load(self, data: abc.Buffer) -> datetime:
        return _moment(data, _LAST, _FIRST, super().load)


class _Timestamptz(TimestamptzLoader):
    def load(self, data: abc.Buffer) -> datetime:
        return _moment(data, LAST, FIRST, super().load)


def infinity_transformer(cursor: AsyncCursor[Any] | Cursor[Any]) -> abc.Transformer:
    """Reads the cursor's result, whose rows the driver would not."""
    for name, loader in (("date", _Date), ("timestamp", _Timestamp), ("timestamptz", _Timestamptz)):
        cursor.adapters.register_loader(name, loader)
    transformer = adapt.Transformer(cursor)
    transformer.set_pgresult(cursor.pgresult)
    return transformer


def rows_with_infinity(cursor: AsyncCursor[Any] | Cursor[Any], make: RowMaker[T]) -> list[T]:
    """All rows of the cursor's result. Raises psycopg.DataError for dates beyond Python's."""
    return infinity_transformer(cursor).load_rows(0, cursor.rowcount, make)
