"""The two executors: everything that reads or writes records runs through one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    RawCursor,
)
from psycopg.abc import Query
from psycopg.rows import BaseRowFactory

from jobgen_runtime.database.infinite import rows_with_infinity
from jobgen_runtime.database.pools import pool, pool_sync

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement:
    """A query that returns rows, and its parameters."""

    query: Query
    params: Sequence[Any] | Mapping[str, Any] | None = None
    numbered: bool = False
    """Whether its placeholders are $1, $2, … and not %s. They are sent as they are: in a long text,
    to look for the others takes longer than all else that is done here."""


def _plain(query: Query) -> LiteralString:
    """The query as the driver's first overload takes it: the other is for templates alone."""
    return cast("LiteralString", query)


async def fetch_rows(
    conn: AsyncConnection[Any] | None, statements: Sequence[Statement], rows: BaseRowFactory[T]
) -> list[T]:
    """The rows of all the statements, in order: either all of them run or none does.

    On the caller's connection they are part of the caller's transaction, which is never committed
    here; without one they are a transaction of their own.
    """
    if conn is None:
        async with (await pool()).connection() as own:
            return await fetch_rows(own, statements, rows)
    found: list[T] = []
    own_transaction = conn.autocommit and len(statements) > 1
    async with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            # Not `conn.cursor()`: the caller's cursors may read other placeholders.
            kind = AsyncRawCursor if statement.numbered else AsyncCursor
            async with kind(conn, row_factory=rows) as cursor:
                await cursor.execute(_plain(statement.query), statement.params)
                # Reading them the other way from the first would cost every row.
                try:
                    found += await cursor.fetchall()
                except DataError:
                    found += rows_with_infinity(cursor, rows(cursor))
    return found


def fetch_rows_sync(
    conn: Connection[Any] | None, statements: Sequence[Statement], rows: BaseRowFactory[T]
) -> list[T]:
    """The plain twin of `fetch_rows`."""
    if conn is None:
        with pool_sync().connection() as own:
            return fetch_rows_sync(own, statements, rows)
    found: list[T] = []
    own_transaction = conn.autocommit and len(statements) > 1
    with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            kind = RawCursor if statement.numbered else Cursor
            with kind(conn, row_factory=rows) as cursor:
                cursor.execute(_plain(statement.query), statement.params)
                try:
                    found += cursor.fetchall()
                except DataError:
                    found += rows_with_infinity(cursor, rows(cursor))
    return found


async def execute(conn: AsyncConnection[Any] | None, statements: Sequence[Statement]) -> int:
    """Return how many rows the statements changed; otherwise like `fetch_rows`."""
    if conn is None:
        async with (await pool()).connection() as own:
            return await execute(own, statements)
    changed = 0
    own_transaction = conn.autocommit and len(statements) > 1
    async with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            kind = AsyncRawCursor if statement.numbered else AsyncCursor
            async with kind(conn) as cursor:
                await cursor.execute(_plain(statement.query), statement.params)
                changed += cursor.rowcount
    return changed


def execute_sync(conn: Connection[Any] | None, statements: Sequence[Statement]) -> int:
    """The plain twin of `execute`."""
    if conn is None:
        with pool_sync().connection() as own:
            return execute_sync(own, statements)
    changed = 0
    own_transaction = conn.autocommit and len(statements) > 1
    with conn.transaction() if own_transaction else nullcontext():
        for statement in statements:
            kind = RawCursor if statement.numbered else Cursor
            with kind(conn) as cursor:
                cursor.execute(_plain(statement.query), statement.params)
                changed += cursor.rowcount
    return changed
