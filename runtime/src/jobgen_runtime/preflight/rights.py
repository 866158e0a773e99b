"""The rights that a worker's role needs, and those that it does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import class_row, scalar_row, tuple_row

from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

RIGHTS_ON_JOB_TABLES = ("SELECT", "UPDATE")

RIGHTS_ON_RUNTIME_TABLES: Mapping[str, Sequence[str]] = {
    "job_runtime_schema": ("SELECT",),
    "job_workers": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "job_pauses": ("SELECT",),
    "job_cancellations": ("SELECT", "DELETE"),
    "job_refusals": ("SELECT", "INSERT", "UPDATE", "DELETE"),
}


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """The role of a connection, and where it finds names without a schema."""

    role: str
    search_path: str
    has_schema: bool
    """Whether the role may use any schema of the search_path."""


async def read_session_info(conn: AsyncConnection[Any]) -> SessionInfo:
    """Return the role and search_path of the connection."""
    async with AsyncCursor(conn, row_factory=class_row(SessionInfo)) as cursor:
        await cursor.execute(read("session_info").encode())
        found = await cursor.fetchone()
    assert found is not None  # noqa: S101 -- a query without FROM has one row
    return found


async def find_unusable_schemas(conn: AsyncConnection[Any], tables: Sequence[Table]) -> list[str]:
    """Return the schemas of `tables` that exist but that the role may not use."""
    names = sorted({table.schema for table in tables if table.schema is not None})
    async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(read("unusable_schemas").encode(), {"names": names})
        return await cursor.fetchall()


async def find_missing_rights(
    conn: AsyncConnection[Any], job_tables: Mapping[str, Sequence[str]]
) -> Mapping[str, list[str]]:
    """Return the rights that the role needs but does not have.

    Args:
        conn: The worker's connection.
        job_tables: The rights that are needed, by the quoted name of the job table.

    Returns:
        The rights by the quoted name of the table, for these and the runtime's own tables. Tables
        that do not exist, or whose rights are complete, are left out.
    """
    pairs = [
        (name, right)
        for name, rights in {**RIGHTS_ON_RUNTIME_TABLES, **job_tables}.items()
        for right in rights
    ]
    parameters = {"names": [name for name, _ in pairs], "rights": [right for _, right in pairs]}
    missing: dict[str, list[str]] = {}
    async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
        await cursor.execute(read("missing_rights").encode(), parameters)
        for name, right in await cursor.fetchall():
            missing.setdefault(name, []).append(right)
    return missing
