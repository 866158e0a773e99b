"""Read the timeline of a server, which distinguishes a promoted standby from the former primary."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.rows import scalar_row

from jobgen_runtime.sql import read

_DIGITS = 8
"""Hexadecimal digits of the timeline, at the start of the name of a write-ahead log file."""


async def timeline(conn: AsyncConnection[Any]) -> int | None:
    """Return the number of the timeline, which grows with each promotion of a standby.

    Args:
        conn: A connection in autocommit mode.

    Returns:
        None if the server does not report it, like one whose instances share their storage.

    Raises:
        psycopg.Error: The connection broke.
    """
    try:
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(read("timeline").encode())
            file = await cursor.fetchone()
    except Error:
        if conn.closed:
            raise
        return None
    return None if file is None else int(file[:_DIGITS], 16)
