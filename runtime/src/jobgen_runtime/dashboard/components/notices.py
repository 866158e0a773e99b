"""Find what the pages of a table warn of: refused jobs, hidden rows, and jobs without a worker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from jobgen_runtime.control import (
    RefusedJob,
    fetch_hidden_rows,
    fetch_live_workers,
    fetch_refused_jobs,
)
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.lists.counts import Summary

MAX_LISTED = 5


async def refused_jobs(
    conn: AsyncConnection[Any], table: JobTable, *, job: UUID | None = None
) -> list[RefusedJob]:
    """Return the first few jobs of a table that the database refuses, or only the one given.

    None are returned from an older schema, or to a role that may not read them.
    """
    try:
        async with conn.transaction():
            found = await fetch_refused_jobs(conn, table.record_table, limit=MAX_LISTED, job=job)
    except (InsufficientPrivilege, UndefinedTable):
        return []
    return [replace(each, reason=table.redact(each.reason)) for each in found]


async def hides_rows(conn: AsyncConnection[Any], table: JobTable) -> bool:
    """Return whether row security may hide jobs of a table from the dashboard's role."""
    return bool(await fetch_hidden_rows(conn, {table.regclass: ("SELECT",)}))


async def is_without_worker(
    conn: AsyncConnection[Any], table: JobTable, summary: Summary, now: Moment
) -> bool:
    """Return whether jobs of a table are due and no live worker processes it.

    False if the role may not read the workers.
    """
    if summary.next_due is None or summary.next_due.since(now) <= 0:
        return False
    try:
        async with conn.transaction():
            return not await fetch_live_workers(conn, table.record_table)
    except (InsufficientPrivilege, UndefinedTable):
        return False
