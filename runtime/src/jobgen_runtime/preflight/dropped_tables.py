"""Find rows of the runtime's tables about job tables that were dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.rows import class_row

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.preflight.fixes import delete_dangling_rows
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.table import Table, compose

MAX_COUNTED_ROWS = 100_000
"""Rows about a dropped table that are counted, of a runtime's table that may have millions."""


@dataclass(frozen=True, slots=True)
class _Dangling:
    table: str
    rows: int


async def find_dangling_rows(conn: AsyncConnection[Any], table: Table) -> list[Problem]:
    """Return a problem for each of the runtime's tables with rows about dropped job tables.

    A pause belongs to a table, not to its name: a table that was created again is not paused.

    Args:
        conn: The worker's connection.
        table: Any job table, by which the runtime's tables are found.
    """
    found = await _find(conn, table, "dangling_rows")
    # Apart, because the roles of few workers may read it.
    found += await _find(conn, table, "dangling_attempts")
    return [_problem(each) for each in found]


async def _find(conn: AsyncConnection[Any], table: Table, statement: str) -> list[_Dangling]:
    try:
        async with AsyncCursor(conn, row_factory=class_row(_Dangling)) as cursor:
            query = compose(table, statement).as_bytes(None)
            await cursor.execute(query, {"max_rows": MAX_COUNTED_ROWS})
            return await cursor.fetchall()
    except Error:
        # A missing table or right is reported separately.
        if conn.closed:
            raise
        return []


def _problem(dangling: _Dangling) -> Problem:
    rows = counted(dangling.rows, "row")
    if dangling.rows >= MAX_COUNTED_ROWS:
        rows += " or more"
    hint = "Delete what is left over."
    if dangling.table == "job_pauses":
        hint += " If the table was created again, pause its kind again: it is not paused now."
    if dangling.table == "job_schedules":
        hint += " If a table was created again, add the schedules of operators again."
    return Problem(
        f"{dangling.table} has {rows} about job tables that were dropped.",
        is_fatal=False,
        hint=hint,
        statements=(delete_dangling_rows(dangling.table),),
    )
