"""Read figures over time at a cost that does not grow with the table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection, errors, sql
from psycopg.rows import args_row, tuple_row

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.connections import Session
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.figures.samples import MOST, Figures, SampleRow, figures_of
from jobgen_runtime.dashboard.figures.spans import Span
from jobgen_runtime.sql import read

TIMEOUT_MS = 500
"""How long a statement may take. What is not known by then is shown as a dash."""

ID_MOMENT = "('x' || left(replace(job.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0"
"""When an id of uuidv7() was made: its first 48 bits are milliseconds (RFC 9562, section 5.7)."""

CREATED_MOMENT = "extract(epoch FROM job.created_at)"


@asynccontextmanager
async def bounded_reads(conn: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Give each statement a short time, and read the first rows of indexes, as lists do."""
    # The settings end with the savepoint.
    async with conn.transaction(force_rollback=True):
        await conn.execute(
            statement("set_statement_timeout"), {"statement_timeout": str(TIMEOUT_MS)}
        )
        await conn.execute(read("plan_by_index").encode())
        yield


async def read_figures(
    conn: AsyncConnection[Any], table: JobTable, span: Span, now: Moment
) -> Figures | None:
    """Return a kind's figures over a span, within `bounded_reads`.

    A slice of time is a range of the ids of uuidv7(), or of `created_at` if that has an index. A
    small table without either is read whole.

    Returns:
        None for a large table whose rows no index finds by their time, or if it takes too long.
    """
    if table.id_is_ordered or table.has_creation_index:
        sample, parameters = _slices(table, span, now.epoch)
    elif await _is_small(conn, table):
        sample = statement("sample_all").format(table=table.identifier)
        parameters = {"bounds": span.slices(now.epoch), "most": CAP}
    else:
        return None
    query = statement("figures").format(sample=sample)
    try:
        async with conn.transaction(), conn.cursor(row_factory=args_row(SampleRow)) as cursor:
            await cursor.execute(query, parameters)
            rows = await cursor.fetchall()
    except errors.QueryCanceled:
        return None
    return figures_of(rows, span, now.epoch)


async def read_figures_in(session: Session, table: JobTable, span: Span) -> Figures | None:
    """Return what `read_figures` does, in a session that does nothing else."""
    async with bounded_reads(session.conn):
        return await read_figures(session.conn, table, span, session.now)


async def _is_small(conn: AsyncConnection[Any], table: JobTable) -> bool:
    """Return whether a table has so few rows that they are counted one by one."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        query = statement("count_small_table").format(table=table.identifier)
        await cursor.execute(query, {"cap": CAP + 1})
        counts = await cursor.fetchall()
    return sum(int(number) for _, number in counts) <= CAP


def _slices(table: JobTable, span: Span, now: float) -> tuple[sql.Composed, dict[str, object]]:
    """Return the statement that samples each slice, and its parameters."""
    bounds = span.slices(now)
    key: LiteralString
    moment: LiteralString
    if table.id_is_ordered:
        key, moment = "id", ID_MOMENT
        values = [str(UUID(int=int(bound * 1000) << 80)) for bound in bounds]
    else:
        key, moment = "created_at", CREATED_MOMENT
        values = [Moment(bound).iso or "infinity" for bound in bounds]
    query = statement("sample_slices").format(
        table=table.identifier,
        key=sql.SQL(key),
        moment=sql.SQL(moment),
        type=sql.SQL("uuid" if table.id_is_ordered else "timestamptz"),
    )
    return query, {"starts": values[:-1], "ends": values[1:], "most": MOST}
