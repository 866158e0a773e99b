"""Tell whether tables have been written to since they were read, without reading them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement


async def read_write_states(
    conn: AsyncConnection[Any], tables: Collection[JobTable]
) -> dict[JobTable, str | None]:
    """Return a text for each table, which changes with each write to it.

    Read it before the table, so that a write in between counts as one that came afterwards.

    Returns:
        None for a table of which the server does not tell.
    """
    names = [table.regclass for table in tables]
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement("write_states"), {"names": names})
        states: dict[str, str | None] = dict(await cursor.fetchall())
    return {table: states[name] for table, name in zip(tables, names, strict=True)}
