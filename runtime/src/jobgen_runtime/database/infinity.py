"""Load the dates and intervals `infinity` and `-infinity`, which Python does not have.

The driver refuses such dates. They are valid in a job's row (`run_at = 'infinity'` parks the job),
so they are loaded as the last and the first moment that Python can express. The driver reads such
intervals as zero, and very long ones as any number of days: the former are loaded as the longest
positive and negative `timedelta`, and the latter are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, TypeVar

from psycopg import AsyncCursor, BaseConnection, Cursor, abc, adapt
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.pq.abc import PGresult
from psycopg.rows import RowMaker
from psycopg.types.datetime import DateLoader, IntervalLoader, TimestampLoader, TimestamptzLoader

T = TypeVar("T")
LAST = datetime(date.max.year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
FIRST = datetime(date.min.year, 1, 1, tzinfo=UTC)
M = TypeVar("M")

_INTERVALS = frozenset({types["interval"].oid, types["interval"].array_oid})


def _or_infinite(data: abc.Buffer, last: M, first: M, load: Callable[[abc.Buffer], M]) -> M:
    text = bytes(data)
    if text == b"infinity":
        return last
    return first if text == b"-infinity" else load(data)


# For columns of the type timestamp, which have no time zone.
_LAST, _FIRST = (moment.replace(tzinfo=None) for moment in (LAST, FIRST))


class _Date(DateLoader):
    def load(self, data: abc.Buffer) -> date:
        return _or_infinite(data, date.max, date.min, super().load)


class _Timestamp(TimestampLoader):
    def load(self, data: abc.Buffer) -> datetime:
        return _or_infinite(data, _LAST, _FIRST, super().load)


class _Timestamptz(TimestamptzLoader):
    def load(self, data: abc.Buffer) -> datetime:
        return _or_infinite(data, LAST, FIRST, super().load)


class _Interval(IntervalLoader):
    # The driver's loader in Python checks the range, unlike the one in C.
    def __init__(self, oid: int, context: abc.AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        if self.connection is None:
            # The driver knows no style then. Another one than PostgreSQL's default fails to load.
            self._load_method = self._load_postgres

    def load(self, data: abc.Buffer) -> timedelta:
        return _or_infinite(data, timedelta.max, timedelta.min, super().load)


_LOADERS: dict[str, tuple[type[adapt.Loader], type[adapt.Loader]]] = {
    "date": (DateLoader, _Date),
    "timestamp": (TimestampLoader, _Timestamp),
    "timestamptz": (TimestamptzLoader, _Timestamptz),
    "interval": (IntervalLoader, _Interval),
}


@dataclass(frozen=True, slots=True)
class LoadingContext:
    """The context of a transformer: the loaders, and the connection that a result is from."""

    adapters: adapt.AdaptersMap
    connection: BaseConnection[Any] | None


def register_infinity(
    adapters: adapt.AdaptersMap, *, alias: Callable[[int], int] | None = None
) -> None:
    """Replace the driver's loaders of dates and intervals by ones that know infinity.

    Loaders that the application has registered are kept.

    Args:
        adapters: Where the loaders are replaced.
        alias: Returns the number under which the loader of a type is registered; None for the
            type's own.
    """
    for name, (driver_loader, loader) in _LOADERS.items():
        oid = types[name].oid if alias is None else alias(types[name].oid)
        if _is_drivers(adapters.get_loader(oid, Format.TEXT), driver_loader):
            adapters.register_loader(oid, loader)


def register_interval(adapters: adapt.AdaptersMap) -> None:
    """Replace the driver's loader of intervals, unless the application has registered its own."""
    oid = types["interval"].oid
    if _is_drivers(adapters.get_loader(oid, Format.TEXT), IntervalLoader):
        adapters.register_loader(oid, _Interval)


def register_zone(adapters: adapt.AdaptersMap, zone: tzinfo) -> None:
    """Load times into a time zone, where no connection says which; after `register_infinity`.

    A loader that the application has registered is kept.
    """
    oid = types["timestamptz"].oid
    if adapters.get_loader(oid, Format.TEXT) is not _Timestamptz:
        return

    class Zoned(_Timestamptz):
        def __init__(self, oid: int, context: abc.AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._timezone = zone

    adapters.register_loader(oid, Zoned)


def _is_drivers(registered: type[abc.Loader] | None, loader: type[adapt.Loader]) -> bool:
    """Return whether the registered loader is the driver's, in Python or in C."""
    return (
        registered is not None
        and registered.__name__ == loader.__name__
        and registered.__module__.startswith("psycopg")
    )


def has_intervals(result: PGresult | None) -> bool:
    """Return whether the result has a column of intervals, which the driver may load wrongly."""
    return result is not None and any(
        result.ftype(column) in _INTERVALS for column in range(result.nfields)
    )


def rows_with_infinity(cursor: AsyncCursor[Any] | Cursor[Any], make: RowMaker[T]) -> list[T]:
    """Return all rows of the cursor's result, infinite dates and intervals included.

    Raises:
        psycopg.DataError: A finite date or interval is outside of Python's range.
    """
    adapters = adapt.AdaptersMap(cursor.adapters)
    register_infinity(adapters)
    transformer = adapt.Transformer(LoadingContext(adapters, cursor.connection))
    transformer.set_pgresult(cursor.pgresult)
    return transformer.load_rows(0, cursor.rowcount, make)
