"""What the pages of a table warn of: jobs that are refused, and rows that are hidden."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from jobgen_runtime.control import RefusedJob, fetch_hidden_rows, fetch_refused_jobs
from jobgen_runtime.dashboard.discovery import JobTable

MAX_LISTED = 5


async def refused_jobs(
    conn: AsyncConnection[Any], table: JobTable, *, job: UUID | None = None
) -> list[RefusedJob]:
    """Return the first few jobs of a table that the database refuses, or only the one given.

    An older schema does not have them, and a role may lack the right to read them.
    """
    try:
        async with conn.transaction():
            return await fetch_refused_jobs(conn, table.record_table, limit=MAX_LISTED, job=job)
    except (InsufficientPrivilege, UndefinedTable):
        return []


async def hides_rows(conn: AsyncConnection[Any], table: JobTable) -> bool:
    """Return whether row security may hide jobs of a table from the dashboard's role."""
    return bool(await fetch_hidden_rows(conn, {table.regclass: ("SELECT",)}))
