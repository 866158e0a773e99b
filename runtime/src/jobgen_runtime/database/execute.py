"""Run statements, asynchronously or not, on the caller's connection or one of the pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar, cast

from psycopg import (
    AsyncConnection,
    AsyncCursor,
    AsyncRawCursor,
    Connection,
    Cursor,
    DataError,
    Error,
    RawCursor,
)
from psycopg.abc import Query
from psycopg.errors import UndefinedColumn, UndefinedTable
from psycopg.rows import BaseRowFactory

from jobgen_runtime.database.adapters import OwnAsyncCursor, OwnCursor
from jobgen_runtime.database.connection_argument import (
    require_async_connection,
    require_sync_connection,
)
from jobgen_runtime.database.infinity import has_intervals, rows_with_infinity
from jobgen_runtime.database.missing_objects import missing_object
from jobgen_runtime.database.pools import pool, pool_sync

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement:
    """A query and its parameters.

    Attributes:
        numbered: Whether the placeholders are $1, $2, … instead of %s. Such a query is sent as it
            is: parsing a long text for placeholders would be the most expensive step of an INSERT.
        own_types: Whether to ignore the application's adapters for the parameters and the rows.
        is_users_query: Whether the user has written the query.
    """

    query: Query
    params: Sequence[Any] | Mapping[str, Any] | None = None
    numbered: bool = False
    own_types: bool = False
    is_users_query: bool = False


def _literal(query: Query) -> LiteralString:
    """Return the query typed for the driver's first overload; the other one is for templates."""
    return cast("LiteralString", query)


def _async_cursor(statement: Statement) -> type[AsyncCursor[Any]]:
    """Return the class to use: that of `conn.cursor()` might take other placeholders."""
    if statement.numbered:
        return AsyncRawCursor
    return OwnAsyncCursor if statement.own_types else AsyncCursor


def _cursor(statement: Statement) -> type[Cursor[Any]]:
    """Return the class to use; the synchronous version of `_async_cursor`."""
    if statement.numbered:
        return RawCursor
    return OwnCursor if statement.own_types else Cursor


CheckCount = Callable[[int], None]
"""Takes the number of rows that statements have returned, and raises an error to roll them back."""


async def fetch_rows(
    conn: AsyncConnection[Any] | None,
    statements: Sequence[Statement],
    rows: BaseRowFactory[T],
    check: CheckCount | None = None,
) -> list[T]:
    """Run the statements atomically and return the rows of all of them, in order.

    Args:
        conn: The caller's connection, whose transaction is not committed here. None runs the
            statements in a separate transaction, on a connection of the pool.
        statements: The statements; each returns rows.
        rows: The row factory.
        check: Called before the rows are returned. Its error rolls the statements back, except in
            the caller's transaction, which is left to the caller.

    Raises:
        TypeError: `conn` is not a connection, or a synchronous one.
        MissingTable, MissingColumn: A statement names one that the database does not have.
    """
    if conn is None:
        async with (await pool()).for_statements() as own:
            return await fetch_rows(own, statements, rows, check)
    require_async_connection(conn)
    found: list[T] = []
    own_transaction = conn.autocommit and (len(statements) > 1 or check is not None)
    async with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            async with _async_cursor(statement)(conn, row_factory=rows) as cursor:
                try:
                    await cursor.execute(_literal(statement.query), statement.params)
                except (UndefinedTable, UndefinedColumn) as error:
                    raise _explained(error, statement) from None
                if has_intervals(cursor.pgresult):
                    found += rows_with_infinity(cursor, rows(cursor))
                    continue
                # Loading infinite dates costs time for each row, so it is tried second.
                try:
                    found += await cursor.fetchall()
                except DataError:
                    found += rows_with_infinity(cursor, rows(cursor))
        if check is not None:
            check(len(found))
    return found


def fetch_rows_sync(
    conn: Connection[Any] | None,
    statements: Sequence[Statement],
    rows: BaseRowFactory[T],
    check: CheckCount | None = None,
) -> list[T]:
    """Run the statements and return their rows; the synchronous version of `fetch_rows`."""
    if conn is None:
        with pool_sync().for_statements() as own:
            return fetch_rows_sync(own, statements, rows, check)
    require_sync_connection(conn)
    found: list[T] = []
    own_transaction = conn.autocommit and (len(statements) > 1 or check is not None)
    with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            with _cursor(statement)(conn, row_factory=rows) as cursor:
                try:
                    cursor.execute(_literal(statement.query), statement.params)
                except (UndefinedTable, UndefinedColumn) as error:
                    raise _explained(error, statement) from None
                if has_intervals(cursor.pgresult):
                    found += rows_with_infinity(cursor, rows(cursor))
                    continue
                try:
                    found += cursor.fetchall()
                except DataError:
                    found += rows_with_infinity(cursor, rows(cursor))
        if check is not None:
            check(len(found))
    return found


async def execute(conn: AsyncConnection[Any] | None, statements: Sequence[Statement]) -> int:
    """Run statements that return no rows, like `fetch_rows`; return the number of changed rows."""
    if conn is None:
        async with (await pool()).for_statements() as own:
            return await execute(own, statements)
    require_async_connection(conn)
    changed = 0
    own_transaction = conn.autocommit and len(statements) > 1
    async with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            kind = AsyncRawCursor if statement.numbered else AsyncCursor
            async with kind(conn) as cursor:
                try:
                    await cursor.execute(_literal(statement.query), statement.params)
                except (UndefinedTable, UndefinedColumn) as error:
                    raise _explained(error, statement) from None
                changed += cursor.rowcount
    return changed


def execute_sync(conn: Connection[Any] | None, statements: Sequence[Statement]) -> int:
    """Run statements and count the changed rows; the synchronous version of `execute`."""
    if conn is None:
        with pool_sync().for_statements() as own:
            return execute_sync(own, statements)
    require_sync_connection(conn)
    changed = 0
    own_transaction = conn.autocommit and len(statements) > 1
    with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            kind = RawCursor if statement.numbered else Cursor
            with kind(conn) as cursor:
                try:
                    cursor.execute(_literal(statement.query), statement.params)
                except (UndefinedTable, UndefinedColumn) as error:
                    raise _explained(error, statement) from None
                changed += cursor.rowcount
    return changed


def _explained(error: Error, statement: Statement) -> Error:
    return missing_object(error, is_users_query=statement.is_users_query)
