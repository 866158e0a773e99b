"""Find the tables that other sessions have locked, without waiting for any of them.

A statement that waits for a lock gives up after half a second. With many locked tables, one after
the other, a worker would do nothing else, not even renew its lease.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Connection, Error
from psycopg.rows import scalar_row

from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

BLOCKS_READS = ("AccessExclusiveLock",)
"""The modes of locks that keep others from reading a table."""

BLOCKS_WRITES = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", *BLOCKS_READS)
"""The modes of locks that keep others from changing a table."""


async def find_locked_tables(
    conn: AsyncConnection[Any], tables: Iterable[Table], modes: Sequence[str]
) -> set[str]:
    """Return the quoted names of the tables that the database reports as locked.

    Raises:
        psycopg.Error: The connection broke.
    """
    try:
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(read("locked_tables").encode(), _parameters(tables, modes))
            return set(await cursor.fetchall())
    except Error:
        if conn.closed:
            raise
        return set()


def find_locked_tables_sync(
    conn: Connection[Any], tables: Iterable[Table], modes: Sequence[str]
) -> set[str]:
    """Find locked tables; the synchronous version of `find_locked_tables`."""
    query = read("locked_tables").encode()
    try:
        return set(execute_with_timeouts(conn, query, scalar_row, _parameters(tables, modes)))
    except Error:
        if conn.closed:
            raise
        return set()


def _parameters(tables: Iterable[Table], modes: Sequence[str]) -> Mapping[str, list[str]]:
    return {"tables": [table.sql_name for table in tables], "modes": list(modes)}
