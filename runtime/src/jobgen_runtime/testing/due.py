"""Find which kind of job is due first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import scalar_row

from jobgen_runtime.table import Table, compose, quote_text

_FIRST = sql.SQL("SELECT table_name FROM ({}) AS due ORDER BY run_at, id LIMIT 1")


async def first_due_table(conn: AsyncConnection[Any], tables: Sequence[Table]) -> str | None:
    """Return the qualified name of the table whose first due job is due first; None if none is."""
    each = [
        compose(table, "first_due", table_name=quote_text(table.qualified_name)) for table in tables
    ]
    query = _FIRST.format(sql.SQL(" UNION ALL ").join(map(sql.SQL("({})").format, each)))
    async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(query, {})
        found: str | None = await cursor.fetchone()
    return found


async def make_due_now(conn: AsyncConnection[Any], tables: Sequence[Table]) -> None:
    """Let jobs be due in this transaction that have become due since it began."""
    async with AsyncCursor(conn) as cursor:
        for table in tables:
            await cursor.execute(compose(table, "make_due_now"), {})
