"""Count the jobs of several kinds with one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled
from psycopg.rows import tuple_row

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import union
from jobgen_runtime.dashboard.lists.counts import Count, Summary, summary_of
from jobgen_runtime.dashboard.overview.kind_state import Counts

NEWEST_FAILURES = 1_000
"""Failed jobs among which those of the last hour are counted."""


async def count_kinds(
    conn: AsyncConnection[Any], tables: Sequence[JobTable]
) -> dict[JobTable, Counts]:
    """Count the jobs of each table, within `bounded_reads`.

    Raises:
        QueryCanceled: It takes too long, and not because of a single table: that has no counts.
    """
    if len(tables) > 1:
        return await _count_kinds(conn, tables)
    try:
        async with conn.transaction():
            return await _count_kinds(conn, tables)
    except QueryCanceled:
        return {table: Counts(Summary(), None) for table in tables}


async def _count_kinds(
    conn: AsyncConnection[Any], tables: Sequence[JobTable]
) -> dict[JobTable, Counts]:
    query = union("count_kind", [table.identifier for table in tables])
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"cap": CAP + 1, "newest": NEWEST_FAILURES})
        rows = await cursor.fetchall()
    found: list[list[tuple[str, str | None, float | None]]] = [[] for _ in tables]
    for number, *row in rows:
        found[number].append((row[0], row[1], row[2]))
    return {
        table: await _counts(conn, table, each) for table, each in zip(tables, found, strict=True)
    }


async def _counts(
    conn: AsyncConnection[Any],
    table: JobTable,
    rows: Sequence[tuple[str, str | None, float | None]],
) -> Counts:
    first_rows = [(label, int(number or 0)) for what, label, number in rows if what == "status"]
    failed = {label: int(number or 0) for what, label, number in rows if what == "failed"}
    epoch = next((epoch for what, _, epoch in rows if what == "due"), None)
    recent = failed.get("recently", 0)
    has_more = recent > 0 and sum(failed.values()) == NEWEST_FAILURES
    due = None if epoch is None else Moment(epoch)
    summary = await summary_of(conn, table, first_rows, due)
    return Counts(summary, Count(recent, "+" if has_more else ""))
