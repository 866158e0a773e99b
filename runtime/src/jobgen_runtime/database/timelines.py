"""Which history of the database a server writes on."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.rows import scalar_row

from jobgen_runtime.sql import read

_DIGITS = 8
"""The name of a file of the write-ahead log begins with the timeline, in hexadecimal digits."""


async def timeline(conn: AsyncConnection[Any]) -> int | None:
    """The number of the timeline, which grows with each promotion of a standby.

    None where the server does not tell, as one whose storage all its instances share. For a
    connection in autocommit mode. Raises psycopg.Error where the connection broke.
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
