"""Write a job's success in the job's own transaction, also in a serializable one.

To find a row by its id, a serializable transaction reads a page of the primary key. Every other one
that ends a job nearby adds an entry to that page. So two unrelated transactions conflict, and
PostgreSQL cancels one of them. The position of the row is therefore read before the transaction: an
UPDATE by position reads that row alone.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any, LiteralString, cast
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, Connection, sql
from psycopg.pq.abc import PGconn
from psycopg.rows import scalar_row, tuple_row

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.database.adapters import OwnAsyncCursor, OwnCursor
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose, quote_text

Position = str
"""A row's ctid. It changes with every UPDATE of the row."""

_BY_ID: LiteralString = "job.id = %(id)s"
_BY_POSITION: LiteralString = "job.ctid = %(position)s::TID AND job.id IS NOT DISTINCT FROM %(id)s"
"""Written so that no index fits it."""

_is_serializable = WeakKeyDictionary[PGconn, bool]()
"""Whether each connection is serializable by default, which does not change in the pool."""

_ASK_ISOLATION = cast("LiteralString", read("default_isolation").encode())


async def find_position(
    conn: AsyncConnection[Any], table: Table, context: JobContext
) -> Position | None:
    """Return the position of the job's row if the next transaction is serializable, else None."""
    is_serializable = _is_serializable.get(conn.pgconn)
    if is_serializable is None:
        async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(_ASK_ISOLATION, prepare=False)
            is_serializable = await cursor.fetchone() == "serializable"
        _is_serializable[conn.pgconn] = is_serializable
    if not is_serializable:
        return None
    async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(_position_statement(table, context), {}, prepare=False)
        cursor.nextset()
        return await cursor.fetchone()


def find_position_sync(conn: Connection[Any], table: Table, context: JobContext) -> Position | None:
    """Return the position of the job's row; the synchronous version of `find_position`."""
    is_serializable = _is_serializable.get(conn.pgconn)
    if is_serializable is None:
        with OwnCursor(conn, row_factory=scalar_row) as cursor:
            cursor.execute(_ASK_ISOLATION, prepare=False)
            is_serializable = cursor.fetchone() == "serializable"
        _is_serializable[conn.pgconn] = is_serializable
    if not is_serializable:
        return None
    with OwnCursor(conn, row_factory=scalar_row) as cursor:
        cursor.execute(_position_statement(table, context), {}, prepare=False)
        cursor.nextset()
        return cursor.fetchone()


async def write_success(
    conn: AsyncConnection[Any], table: Table, context: JobContext, position: Position | None
) -> tuple[Any, ...] | None:
    """Write the success, and return a row unless the claim was lost.

    The row tells whether the transaction is still the one that was opened for the job.

    Args:
        conn: The transaction's connection.
        table: The job's table.
        context: The job.
        position: The result of `find_position`. The block may have moved the row since.
    """
    async with OwnAsyncCursor(conn, row_factory=tuple_row) as cursor:
        if position is not None:
            parameters = {**_parameters(context), "position": position}
            await cursor.execute(_statement(table, context, _BY_POSITION), parameters)
            if (row := await cursor.fetchone()) is not None:
                return row
        await cursor.execute(_statement(table, context, _BY_ID), _parameters(context))
        return await cursor.fetchone()


def write_success_sync(
    conn: Connection[Any], table: Table, context: JobContext, position: Position | None
) -> tuple[Any, ...] | None:
    """Write the success; the synchronous version of `write_success`."""
    with OwnCursor(conn, row_factory=tuple_row) as cursor:
        if position is not None:
            parameters = {**_parameters(context), "position": position}
            cursor.execute(_statement(table, context, _BY_POSITION), parameters)
            if (row := cursor.fetchone()) is not None:
                return row
        cursor.execute(_statement(table, context, _BY_ID), _parameters(context))
        return cursor.fetchone()


def _parameters(context: JobContext) -> dict[str, Any]:
    if context.recorded_wait is None:
        return context.parameters
    waited = timedelta(seconds=context.recorded_wait)
    return {**context.parameters, "attempt": context.attempt, "waited": waited}


def _statement(table: Table, context: JobContext, located: LiteralString) -> LiteralString:
    keeps_attempts = context.recorded_wait is not None
    return _filled(table.schema, table.name, located, keeps_attempts=keeps_attempts)


@cache
def _filled(
    schema: str | None, name: str, located: LiteralString, *, keeps_attempts: bool
) -> LiteralString:
    table = Table(name, columns=(), schema=schema)
    more: dict[str, sql.Composable] = {"located": sql.SQL(located)}
    if keeps_attempts:
        insert = compose(table, "record_committed_attempt")
        more["more_parts"] = sql.SQL(", recorded AS (\n{}\n)").format(insert)
    statement = compose(table, "succeed_in_transaction", **more).as_bytes(None)
    # Composed of files of `sql/` and quoted identifiers only.
    return cast("LiteralString", statement)


def _position_statement(table: Table, context: JobContext) -> LiteralString:
    statement = compose(table, "row_position", id=quote_text(context.id.hex)).as_bytes(None)
    return cast("LiteralString", statement)
