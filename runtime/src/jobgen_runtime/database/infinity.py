"""Load the dates `infinity` and `-infinity`, which Python does not have.

The driver refuses them. They are valid in a job's row (`run_at = 'infinity'` parks the job), so
they are loaded as the last and the first moment that Python can express.
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


# For columns of the type timestamp, which have no time zone.
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
    """Return a transformer that loads the cursor's result, infinite dates included."""
    for name, loader in (("date", _Date), ("timestamp", _Timestamp), ("timestamptz", _Timestamptz)):
        cursor.adapters.register_loader(name, loader)
    transformer = adapt.Transformer(cursor)
    transformer.set_pgresult(cursor.pgresult)
    return transformer


def rows_with_infinity(cursor: AsyncCursor[Any] | Cursor[Any], make: RowMaker[T]) -> list[T]:
    """Return all rows of the cursor's result, infinite dates included.

    Raises:
        psycopg.DataError: A finite date is outside of Python's range.
    """
    return infinity_transformer(cursor).load_rows(0, cursor.rowcount, make)
