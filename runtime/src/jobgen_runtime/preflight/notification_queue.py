"""Find a notification queue that is too full to wake workers."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import scalar_row

from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.sql import read

FULL = 0.9
"""How full the queue is when nothing notifies workers any more, as in the statements of `sql/`."""


async def find_full_notification_queue(conn: AsyncConnection[Any]) -> list[Problem]:
    """Return a problem if no notifications are sent because the server's queue is full."""
    async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(read("notification_queue_usage").encode())
        usage = float(await cursor.fetchone() or 0)
    if usage < FULL:
        return []
    return [
        Problem(
            f"The server's notification queue is {usage:.0%} full: sleeping workers are not woken, "
            "and find jobs with their next poll.",
            is_fatal=False,
            hint="A session that listens does not end its transaction. Find it in pg_stat_activity "
            "(state 'idle in transaction', the oldest xact_start) and end it with "
            "pg_terminate_backend.",
        )
    ]
