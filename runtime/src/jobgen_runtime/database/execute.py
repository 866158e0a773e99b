"""Run statements, asynchronously or not, on the caller's connection or one of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
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
from psycopg.errors import InFailedSqlTransaction, UndefinedColumn, UndefinedTable
from psycopg.rows import BaseRowFactory

from jobgen_runtime.database.adapters import (
    LentAsyncCursor,
    LentAsyncRawCursor,
    LentCursor,
    LentRawCursor,
    OwnAsyncCursor,
    OwnCursor,
)
from jobgen_runtime.database.callers import (
    AsyncCallerConnection,
    AsyncDriverConnection,
    AsyncTextConnection,
    CallerConnection,
    DriverConnection,
    TextConnection,
    resolve,
    resolve_sync,
)
from jobgen_runtime.database.infinity import has_intervals, rows_with_infinity
from jobgen_runtime.database.missing_objects import explained
from jobgen_runtime.database.pools import pool, pool_sync
from jobgen_runtime.database.statement import CheckCount, Statement

T = TypeVar("T")

AsyncConn = AsyncCallerConnection | AsyncDriverConnection | AsyncTextConnection
Conn = CallerConnection | DriverConnection | TextConnection

_EXPLAINED = (UndefinedTable, UndefinedColumn, InFailedSqlTransaction)


def _literal(query: Query) -> LiteralString:
    """Return the query typed for the driver's first overload; the other one is for templates."""
    return cast("LiteralString", query)


def _async_cursor(statement: Statement, *, is_lent: bool) -> type[AsyncCursor[Any]]:
    """Return the class to use: that of `conn.cursor()` might take other placeholders."""
    if statement.numbered:
        return LentAsyncRawCursor if is_lent else AsyncRawCursor
    if statement.own_types:
        return OwnAsyncCursor
    return LentAsyncCursor if is_lent else AsyncCursor


def _cursor(statement: Statement, *, is_lent: bool) -> type[Cursor[Any]]:
    """Return the class to use; the synchronous version of `_async_cursor`."""
    if statement.numbered:
        return LentRawCursor if is_lent else RawCursor
    if statement.own_types:
        return OwnCursor
    return LentCursor if is_lent else Cursor


async def fetch_rows(
    conn: AsyncConn | None,
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
        TransactionFailed: The caller's transaction has failed before.
    """
    if isinstance(conn, AsyncConnection):
        return await _fetch_rows(conn, statements, rows, check, is_lent=False)
    if conn is None:
        async with (await pool()).for_statements() as own:
            return await _fetch_rows(own, statements, rows, check, is_lent=False)
    used = await resolve(conn)
    if isinstance(used, AsyncTextConnection):
        return await used.fetch_rows(statements, rows, check)
    if isinstance(used, AsyncDriverConnection):
        async with used.telling_loss():
            return await _fetch_rows(used.conn, statements, rows, check, is_lent=True)
    return await _fetch_rows(used, statements, rows, check, is_lent=False)


async def _fetch_rows(
    conn: AsyncConnection[Any],
    statements: Sequence[Statement],
    rows: BaseRowFactory[T],
    check: CheckCount | None,
    *,
    is_lent: bool,
) -> list[T]:
    found: list[T] = []
    async with _block(conn, is_needed=len(statements) > 1 or check is not None):
        for statement in statements:
            kind = _async_cursor(statement, is_lent=is_lent)
            async with kind(conn, row_factory=rows) as cursor:
                try:
                    await cursor.execute(_literal(statement.query), statement.params)
                except _EXPLAINED as error:
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
    conn: Conn | None,
    statements: Sequence[Statement],
    rows: BaseRowFactory[T],
    check: CheckCount | None = None,
) -> list[T]:
    """Run the statements and return their rows; the synchronous version of `fetch_rows`."""
    if isinstance(conn, Connection):
        return _fetch_rows_sync(conn, statements, rows, check, is_lent=False)
    if conn is None:
        with pool_sync().for_statements() as own:
            return _fetch_rows_sync(own, statements, rows, check, is_lent=False)
    used = resolve_sync(conn)
    if isinstance(used, TextConnection):
        return used.fetch_rows(statements, rows, check)
    if isinstance(used, DriverConnection):
        with used.telling_loss():
            return _fetch_rows_sync(used.conn, statements, rows, check, is_lent=True)
    return _fetch_rows_sync(used, statements, rows, check, is_lent=False)


def _fetch_rows_sync(
    conn: Connection[Any],
    statements: Sequence[Statement],
    rows: BaseRowFactory[T],
    check: CheckCount | None,
    *,
    is_lent: bool,
) -> list[T]:
    found: list[T] = []
    with _block_sync(conn, is_needed=len(statements) > 1 or check is not None):
        for statement in statements:
            kind = _cursor(statement, is_lent=is_lent)
            with kind(conn, row_factory=rows) as cursor:
                try:
                    cursor.execute(_literal(statement.query), statement.params)
                except _EXPLAINED as error:
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


async def execute(conn: AsyncConn | None, statements: Sequence[Statement]) -> int:
    """Run statements that return no rows, like `fetch_rows`; return the number of changed rows."""
    if isinstance(conn, AsyncConnection):
        return await _execute(conn, statements, is_lent=False)
    if conn is None:
        async with (await pool()).for_statements() as own:
            return await _execute(own, statements, is_lent=False)
    used = await resolve(conn)
    if isinstance(used, AsyncTextConnection):
        return await used.execute(statements)
    if isinstance(used, AsyncDriverConnection):
        async with used.telling_loss():
            return await _execute(used.conn, statements, is_lent=True)
    return await _execute(used, statements, is_lent=False)


async def _execute(
    conn: AsyncConnection[Any], statements: Sequence[Statement], *, is_lent: bool
) -> int:
    changed = 0
    async with _block(conn, is_needed=len(statements) > 1):
        for statement in statements:
            async with _async_cursor(statement, is_lent=is_lent)(conn) as cursor:
                try:
                    await cursor.execute(_literal(statement.query), statement.params)
                except _EXPLAINED as error:
                    raise _explained(error, statement) from None
                changed += cursor.rowcount
    return changed


def execute_sync(conn: Conn | None, statements: Sequence[Statement]) -> int:
    """Run statements and count the changed rows; the synchronous version of `execute`."""
    if isinstance(conn, Connection):
        return _execute_sync(conn, statements, is_lent=False)
    if conn is None:
        with pool_sync().for_statements() as own:
            return _execute_sync(own, statements, is_lent=False)
    used = resolve_sync(conn)
    if isinstance(used, TextConnection):
        return used.execute(statements)
    if isinstance(used, DriverConnection):
        with used.telling_loss():
            return _execute_sync(used.conn, statements, is_lent=True)
    return _execute_sync(used, statements, is_lent=False)


def _execute_sync(conn: Connection[Any], statements: Sequence[Statement], *, is_lent: bool) -> int:
    changed = 0
    with _block_sync(conn, is_needed=len(statements) > 1):
        for statement in statements:
            with _cursor(statement, is_lent=is_lent)(conn) as cursor:
                try:
                    cursor.execute(_literal(statement.query), statement.params)
                except _EXPLAINED as error:
                    raise _explained(error, statement) from None
                changed += cursor.rowcount
    return changed


def _block(conn: AsyncConnection[Any], *, is_needed: bool) -> AbstractAsyncContextManager[object]:
    """Return a transaction for statements of a connection in autocommit mode, if they need one."""
    return conn.transaction() if is_needed and conn.autocommit else nullcontext()


def _block_sync(conn: Connection[Any], *, is_needed: bool) -> AbstractContextManager[object]:
    return conn.transaction() if is_needed and conn.autocommit else nullcontext()


def _explained(error: Error, statement: Statement) -> Error:
    return explained(error, is_users_query=statement.is_users_query)
