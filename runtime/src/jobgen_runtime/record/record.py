"""`Record`: a typed row of a table or view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar

from psycopg import AsyncConnection, Connection
from psycopg.abc import Query
from psycopg.rows import RowMaker

from jobgen_runtime.contract.errors import RecordNotFound
from jobgen_runtime.database import Statement, execute, execute_sync, fetch_rows, fetch_rows_sync
from jobgen_runtime.record.decode import fixed_rows, named_rows, row_maker
from jobgen_runtime.record.statements import inserts, select_by_key
from jobgen_runtime.record.values import to_parameter
from jobgen_runtime.table import Table

Params = Sequence[Any] | Mapping[str, Any] | None
R = TypeVar("R")


class Record:
    """A row of a table, as `Generated/Types.py` declares it.

    A method that is given a connection works inside the caller's transaction and never commits.
    Without a connection it uses one of the pool, and has committed when it returns.
    """

    __table__: ClassVar[Table]
    __rows__: ClassVar[Callable[[object], RowMaker[Any]]]

    @classmethod
    async def fetch_all(
        cls, query: Query, params: Params = None, /, *, conn: AsyncConnection[Any] | None = None
    ) -> list[Self]:
        """Return the rows of a query as records.

        Args:
            query: Must return every column of the record; more are ignored.
            params: The query's parameters. Enum members stand for their labels.
            conn: The connection to use; None for one of the pool.

        Raises:
            QueryMismatch: A column is missing, or occurs twice.
        """
        return await fetch_rows(
            conn, [_user_query(query, params)], named_rows(cls, cls.__table__, cls._enums())
        )

    @classmethod
    def fetch_all_sync(
        cls, query: Query, params: Params = None, /, *, conn: Connection[Any] | None = None
    ) -> list[Self]:
        """Return the rows of a query as records; the synchronous version of `fetch_all`."""
        rows = named_rows(cls, cls.__table__, cls._enums())
        return fetch_rows_sync(conn, [_user_query(query, params)], rows)

    async def refresh(self, conn: AsyncConnection[Any] | None = None, /) -> Self:
        """Read the row again, into this record, and return the record.

        Raises:
            RecordNotFound: The row is gone.
        """
        return self._become(await self._get(conn, self._key()))

    def refresh_sync(self, conn: Connection[Any] | None = None, /) -> Self:
        """Read the row again; the synchronous version of `refresh`."""
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
        """Return the row factory of the class, which is made once."""
        if "__rows__" not in cls.__dict__:
            cls.__rows__ = fixed_rows(cls.__row_maker__())
        return cls.__rows__

    @classmethod
    def __row_maker__(cls) -> RowMaker[Self]:
        """Return a function that makes a record from a row of the table's columns, in order."""
        return row_maker(cls, cls.__table__, cls._enums(), cls.__table__.columns)

    def _key(self) -> tuple[object, ...]:
        table = self.__table__
        if not table.key:
            raise TypeError(
                f"{table.qualified_name} has no primary key, so its rows cannot be read again."
            )
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


def _user_query(query: Query, params: Params) -> Statement:
    """Return the statement of a user's query, with enum members replaced by their labels."""
    if isinstance(params, Mapping):
        named = {name: to_parameter(value) for name, value in params.items()}
        return Statement(query, named)
    values = None if params is None else [to_parameter(value) for value in params]
    return Statement(query, values)


def _one(records: Sequence[R]) -> R:
    """Return the record of the one row that was inserted.

    Raises:
        RecordNotFound: A trigger or rule suppressed the row.
    """
    if not records:
        raise RecordNotFound(
            "The database did not insert the row: a trigger or rule suppressed it."
        )
    return records[0]
