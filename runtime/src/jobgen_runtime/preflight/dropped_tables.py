"""Find rows of the runtime's tables about job tables that were dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.rows import class_row

from jobgen_runtime.preflight.fixes import delete_dangling_rows
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.table import Table, compose


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
    try:
        async with AsyncCursor(conn, row_factory=class_row(_Dangling)) as cursor:
            await cursor.execute(compose(table, "dangling_rows").as_bytes(None))
            found = await cursor.fetchall()
    except Error:
        # A missing table or right is reported separately.
        if conn.closed:
            raise
        return []
    return [_problem(each) for each in found]


def _problem(dangling: _Dangling) -> Problem:
    rows = "1 row" if dangling.rows == 1 else f"{dangling.rows} rows"
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
