"""`Record`: a typed row of a table, and the statements that read and write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self

from psycopg.abc import Query
from psycopg.rows import RowMaker

from jobgen_runtime.database import (
    AsyncCallerConnection,
    CallerConnection,
    Statement,
    execute,
    execute_sync,
    fetch_rows,
    fetch_rows_sync,
)
from jobgen_runtime.database.record_modules import note_record_module
from jobgen_runtime.record.base import BaseRecord
from jobgen_runtime.record.decode import fixed_rows, named_rows, row_maker
from jobgen_runtime.record.errors import (
    change_suppressed,
    explaining_nulls,
    insert_suppressed,
    not_found,
    require_all_inserted,
)
from jobgen_runtime.record.statements import delete_by_key, inserts, select_by_key, update_by_key
from jobgen_runtime.record.values import to_parameter
from jobgen_runtime.table import Table

Params = Sequence[Any] | Mapping[str, Any] | None


class Record(BaseRecord):
    """A row of a table, as `Generated/Types.py` declares it.

    A method that is given a connection works inside the caller's transaction and never commits.
    Without a connection it uses one of the pool, and has committed when it returns.
    """

    __rows__: ClassVar[Callable[[object], RowMaker[Any]]]

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        note_record_module(cls.__module__)

    @classmethod
    async def fetch_all(
        cls, query: Query, params: Params = None, /, *, conn: AsyncCallerConnection | None = None
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
            conn,
            [_user_query(cls.__table__, query, params)],
            named_rows(cls, cls.__table__, cls._enums()),
        )

    @classmethod
    def fetch_all_sync(
        cls, query: Query, params: Params = None, /, *, conn: CallerConnection | None = None
    ) -> list[Self]:
        """Return the rows of a query as records; the synchronous version of `fetch_all`."""
        rows = named_rows(cls, cls.__table__, cls._enums())
        return fetch_rows_sync(conn, [_user_query(cls.__table__, query, params)], rows)

    async def refresh(self, conn: AsyncCallerConnection | None = None, /) -> Self:
        """Read the row again, into this record, and return the record.

        Raises:
            RecordNotFound: The row is gone.
        """
        return self._become(await self._get(conn, self._row_key("refresh")))

    def refresh_sync(self, conn: CallerConnection | None = None, /) -> Self:
        """Read the row again; the synchronous version of `refresh`."""
        return self._become(self._get_sync(conn, self._row_key("refresh_sync")))

    async def delete(self, conn: AsyncCallerConnection | None = None, /) -> None:
        """Delete the row. The record keeps its values.

        Raises:
            RecordNotFound: The row is gone.
            ChangeSuppressed: A trigger, a rule or a policy of the table kept the row.
        """
        key = self._row_key("delete")
        if not await execute(conn, [delete_by_key(self.__table__, key)]):
            raise self._not_changed(key, row_exists=await self._row_exists(conn, key))

    def delete_sync(self, conn: CallerConnection | None = None, /) -> None:
        """Delete the row; the synchronous version of `delete`."""
        key = self._row_key("delete_sync")
        if not execute_sync(conn, [delete_by_key(self.__table__, key)]):
            raise self._not_changed(key, row_exists=self._row_exists_sync(conn, key))

    async def _update(
        self, conn: AsyncCallerConnection | None, values: Mapping[str, object]
    ) -> Self:
        """Write the values to the row, read it into this record, and return the record.

        Without values, the row is only read. The generated `update` calls this.

        Raises:
            TypeError: A value is not for a column that may be updated.
            RecordNotFound: The row is gone.
            ChangeSuppressed: A trigger or a policy of the table kept the row as it is.
        """
        key = self._row_key("update")
        if not values:
            return await self.refresh(conn)
        caller = f"{type(self).__name__}.update"
        with explaining_nulls(caller, self.__table__):
            rows = await fetch_rows(
                conn, [self._update_statement(caller, key, values, conn)], self._rows()
            )
        if not rows:
            raise self._not_changed(key, row_exists=await self._row_exists(conn, key))
        return self._become(rows[0])

    def _update_sync(self, conn: CallerConnection | None, values: Mapping[str, object]) -> Self:
        """Write the values to the row; the synchronous version of `_update`."""
        key = self._row_key("update_sync")
        if not values:
            return self.refresh_sync(conn)
        caller = f"{type(self).__name__}.update_sync"
        with explaining_nulls(caller, self.__table__):
            rows = fetch_rows_sync(
                conn, [self._update_statement(caller, key, values, conn)], self._rows()
            )
        if not rows:
            raise self._not_changed(key, row_exists=self._row_exists_sync(conn, key))
        return self._become(rows[0])

    @classmethod
    async def _create(
        cls, conn: AsyncCallerConnection | None, values: Mapping[str, object]
    ) -> Self:
        with explaining_nulls(f"{cls.__name__}.create", cls.__table__):
            created = await fetch_rows(conn, cls._inserts("create", [values]), cls._rows())
        return cls._only(created)

    @classmethod
    def _create_sync(cls, conn: CallerConnection | None, values: Mapping[str, object]) -> Self:
        with explaining_nulls(f"{cls.__name__}.create_sync", cls.__table__):
            created = fetch_rows_sync(conn, cls._inserts("create_sync", [values]), cls._rows())
        return cls._only(created)

    @classmethod
    async def _create_many(
        cls, conn: AsyncCallerConnection | None, rows: Iterable[Mapping[str, object]]
    ) -> list[Self]:
        values = list(rows)
        with explaining_nulls(f"{cls.__name__}.create_many", cls.__table__):
            return await fetch_rows(
                conn,
                cls._inserts("create_many", values),
                cls._rows(),
                partial(require_all_inserted, cls, cls.__table__, len(values)),
            )

    @classmethod
    def _create_many_sync(
        cls, conn: CallerConnection | None, rows: Iterable[Mapping[str, object]]
    ) -> list[Self]:
        values = list(rows)
        with explaining_nulls(f"{cls.__name__}.create_many_sync", cls.__table__):
            return fetch_rows_sync(
                conn,
                cls._inserts("create_many_sync", values),
                cls._rows(),
                partial(require_all_inserted, cls, cls.__table__, len(values)),
            )

    @classmethod
    async def _insert_many(
        cls, conn: AsyncCallerConnection | None, rows: Iterable[Mapping[str, object]]
    ) -> int:
        with explaining_nulls(f"{cls.__name__}.insert_many", cls.__table__):
            return await execute(conn, cls._inserts("insert_many", rows, returning=False))

    @classmethod
    def _insert_many_sync(
        cls, conn: CallerConnection | None, rows: Iterable[Mapping[str, object]]
    ) -> int:
        with explaining_nulls(f"{cls.__name__}.insert_many_sync", cls.__table__):
            return execute_sync(conn, cls._inserts("insert_many_sync", rows, returning=False))

    @classmethod
    def _only(cls, created: Sequence[Self]) -> Self:
        if created:
            return created[0]
        raise insert_suppressed(cls, cls.__table__)

    @classmethod
    async def _get(cls, conn: AsyncCallerConnection | None, key: tuple[object, ...]) -> Self:
        found = await fetch_rows(conn, [select_by_key(cls.__table__, key)], cls._rows())
        return cls._found(found, key)

    @classmethod
    def _get_sync(cls, conn: CallerConnection | None, key: tuple[object, ...]) -> Self:
        found = fetch_rows_sync(conn, [select_by_key(cls.__table__, key)], cls._rows())
        return cls._found(found, key)

    @classmethod
    def _found(cls, found: Sequence[Self], key: tuple[object, ...]) -> Self:
        if found:
            return found[0]
        raise not_found(cls, cls.__table__, key)

    def _update_statement(
        self,
        caller: str,
        key: tuple[object, ...],
        values: Mapping[str, object],
        conn: AsyncCallerConnection | CallerConnection | None,  # noqa: ARG002 -- JobRecord uses it
    ) -> Statement:
        return update_by_key(self.__table__, key, values, caller=caller)

    def _existence_statement(self, key: tuple[object, ...]) -> Statement:
        """Return the statement that returns a row if the record's row could have been changed."""
        return select_by_key(self.__table__, key)

    async def _row_exists(
        self, conn: AsyncCallerConnection | None, key: tuple[object, ...]
    ) -> bool:
        """Return whether the row is there, after a statement that did not change it."""
        return bool(await fetch_rows(conn, [self._existence_statement(key)], self._rows()))

    def _row_exists_sync(self, conn: CallerConnection | None, key: tuple[object, ...]) -> bool:
        return bool(fetch_rows_sync(conn, [self._existence_statement(key)], self._rows()))

    def _not_changed(self, key: tuple[object, ...], *, row_exists: bool) -> Exception:
        """Return the error of a statement that did not change the row."""
        error = change_suppressed if row_exists else not_found
        return error(type(self), self.__table__, key)

    @classmethod
    def _inserts(
        cls, method: str, rows: Iterable[Mapping[str, object]], *, returning: bool = True
    ) -> list[Statement]:
        caller = f"{cls.__name__}.{method}"
        return list(inserts(cls.__table__, rows, caller=caller, returning=returning))

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


def _user_query(table: Table, query: Query, params: Params) -> Statement:
    """Return the statement of a user's query, with enum members replaced by their labels."""
    if isinstance(params, Mapping):
        named = {name: to_parameter(value) for name, value in params.items()}
        return Statement(query, named, is_users_query=True, columns=table.columns)
    values = None if params is None else [to_parameter(value) for value in params]
    return Statement(query, values, is_users_query=True, columns=table.columns)
