"""Find which kind of job is due first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, sql
from psycopg.rows import scalar_row

from jobgen_runtime.database import Statement, execute, fetch_rows
from jobgen_runtime.table import Table, compose, quote_text

_FIRST = sql.SQL("SELECT table_name FROM ({}) AS due ORDER BY run_at, id LIMIT 1")


async def first_due_table(conn: AsyncConnection[Any], tables: Sequence[Table]) -> str | None:
    """Return the qualified name of the table whose first due job is due first; None if none is.

    Raises:
        MissingTable: The database does not have one of them.
    """
    each = [
        compose(table, "first_due", table_name=quote_text(table.qualified_name)) for table in tables
    ]
    query = _FIRST.format(sql.SQL(" UNION ALL ").join(map(sql.SQL("({})").format, each)))
    found: list[str] = await fetch_rows(conn, [Statement(query, {}, own_types=True)], scalar_row)
    return found[0] if found else None


async def make_due_now(conn: AsyncConnection[Any], tables: Sequence[Table]) -> None:
    """Let jobs be due in this transaction that have become due since it began."""
    await execute(conn, [Statement(compose(table, "make_due_now"), {}) for table in tables])
