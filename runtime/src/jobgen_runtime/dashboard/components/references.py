"""The rows that jobs reference, such as a customer's, and their names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error, sql
from psycopg.rows import TupleRow, class_row, tuple_row

from jobgen_runtime.dashboard.database.connections import PART_SECONDS
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.job_view import JobView
from jobgen_runtime.table import quote_name


@dataclass(frozen=True)
class Reference:
    """The table that a column references, and how its rows are found and called."""

    column: str
    schema: str
    table: str
    key: str
    """The column that is referenced."""
    label: str | None
    """The column with a name for people; None without one that may be shown."""
    is_label_indexed: bool
    estimated_rows: float

    def query(self, name: str) -> sql.Composed:
        """Return the statement in `sql/<name>.sql` about the referenced table."""
        return statement(name).format(
            table=quote_name(self.schema, self.table),
            key=quote_name(self.key),
            name=sql.SQL("NULL") if self.label is None else quote_name(self.label),
        )


@dataclass
class _Row:
    column: str
    schema: str
    name: str
    key: str
    estimated_rows: float
    labels: list[str]
    indexed: list[str]


async def find_references(conn: AsyncConnection[Any], table: JobTable) -> dict[str, Reference]:
    """Return the references of a table by column, save those whose rows must not be shown.

    None are returned if the catalogs cannot be read in time.
    """
    shown = {
        column.name
        for column in table.own_columns
        if column.references is not None and not column.is_redacted
    }
    if not shown:
        return {}
    rows: list[_Row] = []
    async with optional(conn):
        found = conn.cursor(row_factory=class_row(_Row))
        await found.execute(statement("find_references"), {"table": table.regclass})
        rows = await found.fetchall()
    return {row.column: _reference(row, table) for row in rows if row.column in shown}


def _reference(row: _Row, table: JobTable) -> Reference:
    label = next(
        (each for each in row.labels if not table.redaction.applies(row.name, each, "text")), None
    )
    return Reference(
        column=row.column,
        schema=row.schema,
        table=row.name,
        key=row.key,
        label=label,
        is_label_indexed=label in row.indexed,
        estimated_rows=row.estimated_rows,
    )


@asynccontextmanager
async def optional(conn: AsyncConnection[Any]) -> AsyncIterator[AsyncCursor[TupleRow]]:
    """Read what a page can do without: an error or too long a wait ends this block, not the page.

    A table of the user's may be locked, unreadable, or have a policy that fails. The settings of
    these statements end with the block.
    """
    try:
        async with (
            asyncio.timeout(PART_SECONDS),
            conn.transaction(force_rollback=True),
            conn.cursor(row_factory=tuple_row) as cursor,
        ):
            yield cursor
    except (Error, TimeoutError):
        if conn.closed:
            raise


async def reference_names(
    conn: AsyncConnection[Any], references: Mapping[str, Reference], jobs: Sequence[JobView]
) -> dict[str, dict[str, str]]:
    """Return the names of the rows that jobs reference, by column and key.

    One query for each reference, however many jobs. Rows without a name, or whose name cannot be
    read, are missing.
    """
    keys: dict[str, set[str]] = {}
    for job in jobs:
        for column, value in job.own:
            if column.name in references and isinstance(value, str):
                keys.setdefault(column.name, set()).add(value)
    # Together they take fewer round trips; if one table cannot be read, the others' names are.
    async with optional(conn) as cursor:
        return {
            column: await _names(cursor, references[column], found)
            for column, found in keys.items()
        }
    return {
        column: await read_names(conn, references[column], found) for column, found in keys.items()
    }


async def read_names(
    conn: AsyncConnection[Any], reference: Reference, keys: Iterable[str]
) -> dict[str, str]:
    """Return the names of rows by their keys; only of those that have one."""
    async with optional(conn) as cursor:
        return await _names(cursor, reference, keys)
    return {}


async def _names(
    cursor: AsyncCursor[TupleRow], reference: Reference, keys: Iterable[str]
) -> dict[str, str]:
    if reference.label is None:
        return {}
    # Sent as text without a type, the array gets that of the key.
    elements = ",".join('"' + re.sub(r'(["\\])', r"\\\1", key) + '"' for key in keys)
    await cursor.execute(reference.query("read_names"), {"keys": f"{{{elements}}}"})
    return {key: name for key, name in await cursor.fetchall() if name}
