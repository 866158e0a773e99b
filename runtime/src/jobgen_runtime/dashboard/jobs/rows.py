"""Read jobs as text, so that no value can make a row unreadable.

Custom views get typed records, but psycopg cannot decode 'infinity' and years beyond 9999.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error, sql
from psycopg.rows import tuple_row

from jobgen_runtime.contract.states import JobStatus, read_status
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import Column, JobTable
from jobgen_runtime.dashboard.database.refused_statements import is_statement_error, shown_reason
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.job_view import JobView, Redacted, Unreadable, Value
from jobgen_runtime.dashboard.lists.filters import TEXTS
from jobgen_runtime.table import quote_name

MOMENTS = ("created_at", "updated_at", "locked_at", "run_at")
LIST_CHARACTERS = 120
LIST_ERROR_CHARACTERS = 16_000
"""Characters of the end of an error, to find in it what a list shows: all that a worker writes."""

LIST_ERROR_START = 200
"""Characters of the start of a longer error: its first line."""

LIST_VALUE_BYTES = 1_000_000
"""Bytes of a stored value that a list unpacks. The start of a text is read without the rest of it;
any other value has to be unpacked as a whole."""

DETAIL_CHARACTERS = 100_000


@dataclass(frozen=True)
class PageQuery:
    """The parts of `list_rows.sql`, and the values of its parameters."""

    source: sql.Composable
    scan: sql.Composable
    condition: sql.Composable
    order: sql.Composable
    cursor: sql.Composable
    scanned: int
    limit: int
    offset: int
    values: Mapping[str, object]


async def list_rows(conn: AsyncConnection[Any], table: JobTable, query: PageQuery) -> list[JobView]:
    """Return rows of a table in an order, with long values truncated.

    If the database cannot compute a value, the others are still returned.
    """
    values = [listed_error(), *_own_columns(table, LIST_CHARACTERS)]
    try:
        async with conn.transaction():
            return await _list_rows(conn, table, query, values)
    except Error as error:
        if not is_statement_error(conn, error):
            raise
    rows = await _list_rows(conn, table, query, [sql.SQL("NULL")] * len(values))
    return [await _with_values(conn, table, row, LIST_CHARACTERS) for row in rows]


async def read_row(conn: AsyncConnection[Any], table: JobTable, job_id: UUID) -> JobView | None:
    """Return one row with up to 100,000 characters per column; None if it is gone.

    If the database cannot compute a value, the others are still returned.
    """
    last_error = _as_text("last_error", "text", DETAIL_CHARACTERS)
    values = [last_error, *_own_columns(table, DETAIL_CHARACTERS)]
    try:
        async with conn.transaction():
            return await _read_row(conn, table, job_id, values)
    except Error as error:
        if not is_statement_error(conn, error):
            raise
    row = await _read_row(conn, table, job_id, [sql.SQL("NULL")] * len(values))
    return None if row is None else await _with_values(conn, table, row, DETAIL_CHARACTERS)


async def lock_status(
    conn: AsyncConnection[Any], table: JobTable, job_id: UUID
) -> JobStatus | None:
    """Lock a row until the end of the transaction and return its status; None if it is gone."""
    query = statement("lock_status").format(table=table.identifier)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"id": job_id})
        row = await cursor.fetchone()
    return None if row is None else _status(row[0])


async def _list_rows(
    conn: AsyncConnection[Any], table: JobTable, page: PageQuery, values: Sequence[sql.Composable]
) -> list[JobView]:
    query = statement("list_rows").format(
        columns=_columns(values, page.cursor),
        table=table.identifier,
        source=page.source,
        scan=page.scan,
        condition=page.condition,
        order=page.order,
    )
    parameters = {
        **page.values,
        "scanned": page.scanned,
        "limit": page.limit,
        "offset": page.offset,
    }
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, parameters)
        return [_view(table, row, LIST_CHARACTERS) for row in await cursor.fetchall()]


async def _read_row(
    conn: AsyncConnection[Any], table: JobTable, job_id: UUID, values: Sequence[sql.Composable]
) -> JobView | None:
    columns = _columns(values, sql.SQL("NULL"))
    query = statement("read_row").format(columns=columns, table=table.identifier)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"id": job_id})
        row = await cursor.fetchone()
    return None if row is None else _view(table, row, DETAIL_CHARACTERS)


async def _with_values(
    conn: AsyncConnection[Any], table: JobTable, job: JobView, characters: int
) -> JobView:
    """Return the job with its error and its own columns, each read by itself."""
    own = [
        (column, await read_value(conn, table, job.id, column, characters))
        for column in table.own_columns
    ]
    column = next(column for column in table.columns if column.name == "last_error")
    error = await read_value(conn, table, job.id, column, LIST_ERROR_CHARACTERS)
    if isinstance(error, Unreadable):
        error = f"The error cannot be read: {error.reason}"
    return replace(job, last_error=error if isinstance(error, str) else None, own=tuple(own))


async def read_value(
    conn: AsyncConnection[Any],
    table: JobTable,
    job_id: UUID | None,
    column: Column,
    characters: int,
) -> Value:
    """Return the value of one column of a row, or why the database cannot compute it."""
    query = statement("read_column").format(
        column=column_text(column, characters), table=table.identifier
    )
    try:
        async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, {"id": job_id})
            row = await cursor.fetchone()
    except Error as error:
        if not is_statement_error(conn, error):
            raise
        return Unreadable(shown_reason(error, table))
    return None if row is None else column_value(row[0], table, column, characters)


def _own_columns(table: JobTable, characters: int) -> list[sql.Composable]:
    return [column_text(column, characters) for column in table.own_columns]


def column_text(column: Column, characters: int) -> sql.Composable:
    """Return a column as text of at most `characters`, without reading a redacted value."""
    if column.is_redacted:
        return sql.SQL("CASE WHEN {} IS NOT NULL THEN '' END").format(quote_name(column.name))
    return _as_text(column.name, column.base, characters)


def column_value(text: str | None, table: JobTable, column: Column, characters: int) -> Value:
    """Return the value of a column, from the text that `column_text` selects."""
    if column.is_redacted and text is not None:
        return Redacted()
    value = _cut(text, characters, column.base)
    return table.redact_error(value) if column.is_error and value is not None else value


def listed_error() -> sql.Composable:
    """Return the part of `last_error` that has what a list shows."""
    return sql.SQL(
        "CASE WHEN octet_length(last_error) <= {0} THEN last_error"
        " WHEN octet_length(last_error) <= {1}"
        " THEN left(last_error, {2}) || chr(10) || right(last_error, {3})"
        " ELSE left(last_error, {2}) END"
    ).format(
        sql.Literal(4 * LIST_ERROR_CHARACTERS),
        sql.Literal(LIST_VALUE_BYTES),
        sql.Literal(LIST_ERROR_START),
        sql.Literal(LIST_ERROR_CHARACTERS),
    )


def _columns(values: Sequence[sql.Composable], cursor: sql.Composable) -> sql.Composable:
    """Return the select list that `_view` unpacks; `values` are the error and the own columns."""
    control: list[sql.Composable] = [
        cursor,
        quote_name("id"),
        sql.SQL("status::text"),
        quote_name("attempts_count"),
        sql.SQL("locked_by::text"),
    ]
    moments = [
        sql.SQL("extract(epoch FROM {})::float8").format(quote_name(name)) for name in MOMENTS
    ]
    return sql.SQL(", ").join([*control, *moments, *values])


def _as_text(name: str, base: str, characters: int) -> sql.Composable:
    """Return a column as text of at most `characters`, or slightly more if it was longer.

    `_cut` puts an ellipsis there, which not every database's encoding has.
    """
    column = quote_name(name)
    if base == "bytea":
        # As text, a large value would exceed the gigabyte that PostgreSQL can hold.
        return sql.SQL("'\\x' || encode(substring({} FROM 1 FOR {}), 'hex')").format(
            column, sql.Literal(characters // 2 + 1)
        )
    start = sql.SQL("left({}::text, {})").format(column, sql.Literal(characters + 1))
    if characters > LIST_CHARACTERS or base in TEXTS:
        return start
    return sql.SQL(
        "CASE WHEN pg_column_size({0}) <= {1} THEN {2}"
        " ELSE pg_size_pretty(pg_column_size({0})::bigint) || ', too large for a list' END"
    ).format(column, sql.Literal(LIST_VALUE_BYTES), start)


def _cut(text: str | None, characters: int, base: str = "text") -> str | None:
    """Return a text of `_as_text` with an ellipsis in place of what exceeds its limit."""
    if base == "bytea":
        characters = len("\\x") + characters // 2 * 2
    return text if text is None or len(text) <= characters else f"{text[:characters]}…"


def _view(table: JobTable, row: Sequence[Any], characters: int) -> JobView:
    cursor, job_id, status, attempts_count, locked_by, *rest = row
    created, updated, locked, run, last_error, *own = rest
    return JobView(
        cursor=cursor,
        id=job_id,
        status=_status(status),
        attempts_count=attempts_count,
        last_error=_cut(last_error, DETAIL_CHARACTERS),
        locked_by=locked_by,
        created_at=_moment(created),
        updated_at=_moment(updated),
        locked_at=_moment(locked),
        run_at=_moment(run),
        own=tuple(
            (column, column_value(value, table, column, characters))
            for column, value in zip(table.own_columns, own, strict=True)
        ),
        redact=table.redact_error,
    )


def _status(text: str | None) -> JobStatus:
    return read_status("NULL" if text is None else text)


def _moment(epoch: float | None) -> Moment | None:
    return None if epoch is None else Moment(epoch)
