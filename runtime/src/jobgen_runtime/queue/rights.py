"""What a worker's role may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import class_row, scalar_row, tuple_row

from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

OF_JOB_TABLES = ("SELECT", "UPDATE")

OF_RUNTIME_TABLES: Mapping[str, Sequence[str]] = {
    "job_runtime_schema": ("SELECT",),
    "job_workers": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "job_pauses": ("SELECT",),
    "job_cancellations": ("SELECT", "DELETE"),
}


@dataclass(frozen=True, slots=True)
class Session:
    """Whose a connection is, and whether names without a schema find anything."""

    role: str
    search_path: str
    has_schema: bool


async def session(conn: AsyncConnection[Any]) -> Session:
    """The connection's own."""
    async with AsyncCursor(conn, row_factory=class_row(Session)) as cursor:
        await cursor.execute(read("session").encode())
        found = await cursor.fetchone()
    assert found is not None  # noqa: S101 -- a query without FROM has one row
    return found


async def unusable_schemas(conn: AsyncConnection[Any], tables: Sequence[Table]) -> list[str]:
    """The schemas of tables that are there, and that the role may not use."""
    names = sorted({table.schema for table in tables if table.schema is not None})
    async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(read("unusable_schemas").encode(), {"names": names})
        return await cursor.fetchall()


async def missing_rights(
    conn: AsyncConnection[Any], tables: Sequence[Table]
) -> Mapping[str, list[str]]:
    """By the quoted names of job tables and of the runtime's own, where any is missing."""
    needed = {table.identifier.as_string(None): OF_JOB_TABLES for table in tables}
    pairs = [
        (name, right)
        for name, rights in {**OF_RUNTIME_TABLES, **needed}.items()
        for right in rights
    ]
    parameters = {"names": [name for name, _ in pairs], "rights": [right for _, right in pairs]}
    missing: dict[str, list[str]] = {}
    async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
        await cursor.execute(read("missing_rights").encode(), parameters)
        for name, right in await cursor.fetchall():
            missing.setdefault(name, []).append(right)
    return missing
