"""The recorded attempts of a job, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from jobgen_runtime.contract.error_summary import error_summary
from jobgen_runtime.control import RecordedAttempt, fetch_attempts
from jobgen_runtime.dashboard.components.times import Moment, elapsed, from_datetime
from jobgen_runtime.dashboard.database.discovery import JobTable

MAX_ATTEMPTS = 20
"""The latest attempts that the page of a job shows."""


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """An attempt in words."""

    label: str
    outcome: str
    ended_at: Moment
    ran: str
    """For how long; empty if it expired, and so was not begun."""

    error: str
    """The line of the error that says what went wrong; empty without one."""

    worker_id: UUID | None


async def recorded_attempts(
    conn: AsyncConnection[Any], table: JobTable, job: UUID
) -> list[ShownAttempt]:
    """Return the latest attempts of a job, the latest first.

    None are returned if its class does not keep them, from an older schema, or to a role that may
    not read them.
    """
    try:
        async with conn.transaction():
            found = await fetch_attempts(conn, table.record_table, job, limit=MAX_ATTEMPTS)
    except (InsufficientPrivilege, UndefinedTable):
        return []
    return [_shown(each, table) for each in found]


def _shown(attempt: RecordedAttempt, table: JobTable) -> ShownAttempt:
    error = error_summary(attempt.error) if attempt.error else ""
    seconds = (attempt.ended_at - attempt.started_at).total_seconds()
    return ShownAttempt(
        f"Attempt {attempt.attempt}",
        attempt.outcome.replace("_", " "),
        from_datetime(attempt.ended_at),
        "" if attempt.outcome == "expired" else elapsed(max(seconds, 0.0)),
        table.redact_error(error),
        attempt.worker_id,
    )
