"""Typed rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar

from psycopg import AsyncConnection, Connection
from psycopg.abc import Query
from psycopg.rows import RowMaker

from jobgen_runtime.contract import RecordNotFound
from jobgen_runtime.database import Statement, execute, execute_sync, fetch_rows, fetch_rows_sync
from jobgen_runtime.record.decode import fixed_rows, named_rows, row_maker
from jobgen_runtime.record.statements import inserts, select_by_key
from jobgen_runtime.record.values import parameter
from jobgen_runtime.table import Table

Params = Sequence[Any] | Mapping[str, Any] | None
R = TypeVar("R")


class Record:
    """A row of a table, as `Generated/Types.py` declares it.

    Every method that takes a connection works inside the caller's transaction on it, and never
    commits; without one it uses a pool, and what it wrote is committed when it returns.
    """

    __table__: ClassVar[Table]
    __rows__: ClassVar[Callable[[object], RowMaker[Any]]]

    @classmethod
    async def fetch_all(
        cls, query: Query, params: Params = None, /, *, conn: AsyncConnection[Any] | None = None
    ) -> list[Self]:
        """The query's rows as records. The query must return every column of the record.

        Raises QueryMismatch if it does not.
        """
        return await fetch_rows(
            conn, [_users(query, params)], named_rows(cls, cls.__table__, cls._enums())
        )

    @classmethod
    def fetch_all_sync(
        cls, query: Query, params: Params = None, /, *, conn: Connection[Any] | None = None
    ) -> list[Self]:
        """The plain twin of `fetch_all`."""
        rows = named_rows(cls, cls.__table__, cls._enums())
        return fetch_rows_sync(conn, [_users(query, params)], rows)

    async def refresh(self, conn: AsyncConnection[Any] | None = None, /) -> Self:
        """Reads the row again, into this record. Raises RecordNotFound if it is gone."""
        return self._become(await self._get(conn, self._key()))

    def refresh_sync(self, conn: Connection[Any] | None = None, /) -> Self:
        """The plain twin of `refresh`."""
        return self._become(self._get_sync(conn, self._key()))

    @classmethod
    async def _create(cls, conn: AsyncConnection[Any] | None, values: Mapping[str, object]) -> Self:
        return _one(await fetch_rows(conn, cls._inserts("create", [values]), cls._rows()))

    @classmethod
    def _create_sync(cls, conn: Connection[Any] | None, values: Mapping[str, object]) -> Self:
        return _one(fetch_rows_sync(conn, cls._inserts("create_sync", [values]), cls._rows()))

    @classmethod
    async def _create_many(
        cls, conn: AsyncConnection[Any] | None, rows: Iterable[Mapping[str, object]]
    ) -> list[Self]:
        return await fetch_rows(conn, cls._inserts("create_many", rows), cls._rows())

    @classmethod
    def _create_many_sync(
        cls, conn: Connection[Any] | None, rows: Iterable[Mapping[str, object]]
    ) -> list[Self]:
        return fetch_rows_sync(conn, cls._inserts("create_many_sync", rows), cls._rows())

    @classmethod
    async def _insert_many(
        cls, conn: AsyncConnection[Any] | None, rows: Iterable[Mapping[str, object]]
    ) -> int:
        return await execute(conn, cls._inserts("insert_many", rows, returning=False))

    @classmethod
    def _insert_many_sync(
        cls, conn: Connection[Any] | None, rows: Iterable[Mapping[str, object]]
    ) -> int:
        return execute_sync(conn, cls._inserts("insert_many_sync", rows, returning=False))

    @classmethod
    async def _get(cls, conn: AsyncConnection[Any] | None, key: Sequence[object]) -> Self:
        found = await fetch_rows(conn, [select_by_key(cls.__table__, key)], cls._rows())
        return cls._found(found, key)

    @classmethod
    def _get_sync(cls, conn: Connection[Any] | None, key: Sequence[object]) -> Self:
        found = fetch_rows_sync(conn, [select_by_key(cls.__table__, key)], cls._rows())
        return cls._found(found, key)

    @classmethod
    def _found(cls, found: Sequence[Self], key: Sequence[object]) -> Self:
        if found:
            return found[0]
        table = cls.__table__
        pairs = zip(map(table.attribute, table.key), key, strict=True)
        where = ", ".join(f"{attribute}={value}" for attribute, value in pairs)
        raise RecordNotFound(f"No {cls.__name__} has {where}.")

    @classmethod
    def _inserts(
        cls, method: str, rows: Iterable[Mapping[str, object]], *, returning: bool = True
    ) -> list[Statement]:
        caller = f"{cls.__name__}.{method}"
        return list(inserts(cls.__table__, rows, caller=caller, returning=returning))

    @classmethod
    def _enums(cls) -> Mapping[str, type[Enum]]:
        return cls.__table__.enums

    @classmethod
    def _rows(cls) -> Callable[[object], RowMaker[Self]]:
        """`__row_maker__` as the driver takes it, made once for each class."""
        if "__rows__" not in cls.__dict__:
            cls.__rows__ = fixed_rows(cls.__row_maker__())
        return cls.__rows__

    @classmethod
    def __row_maker__(cls) -> RowMaker[Self]:
        """Makes records of rows that hold the table's columns, in their order."""
        return row_maker(cls, cls.__table__, cls._enums(), cls.__table__.columns)

    def _key(self) -> tuple[object, ...]:
        table = self.__table__
        if not table.key:
            raise TypeError(f"{table.qualified_name} has no primary key to read its row again by.")
        return tuple(getattr(self, table.attribute(column)) for column in table.key)

    def _become(self, other: Self) -> Self:
        self.__dict__.clear()
        self.__dict__.update(other.__dict__)
        return self

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        table = self.__table__
        return hash((type(self), *(self.__dict__.get(table.attribute(c)) for c in table.key)))


def _users(query: Query, params: Params) -> Statement:
    """The user's own query, with what stands for enums in its parameters."""
    if isinstance(params, Mapping):
        return Statement(query, {name: parameter(value) for name, value in params.items()})
    return Statement(query, None if params is None else [parameter(value) for value in params])


def _one(records: Sequence[R]) -> R:
    """The row of an INSERT of one. Raises RecordNotFound if a rule or trigger swallowed it."""
    if not records:
        raise RecordNotFound("The database inserted no row: a trigger or rule suppressed it.")
    return records[0]
