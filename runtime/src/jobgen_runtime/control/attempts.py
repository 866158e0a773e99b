"""The attempts of a job, as `job_attempts` has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row

from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.table import Table, compose


@dataclass(frozen=True, slots=True)
class RecordedAttempt:
    """An attempt that has ended, of a job whose class has `keep_attempts`."""

    attempt: int
    """Its number. One that does not count has the number of the next one."""

    started_at: datetime
    ended_at: datetime
    outcome: str
    """The value of an `AttemptOutcome`, or one that a newer version has added."""

    worker_id: UUID | None
    error: str | None


async def fetch_attempts(
    conn: AsyncConnection[Any] | None, table: Table, job: UUID, *, limit: int
) -> list[RecordedAttempt]:
    """Return the latest attempts of a job, the latest first.

    Args:
        conn: The connection; None for one of the pool's.
        table: The job's table.
        job: The job's id.
        limit: How many to return at most.
    """
    return await fetch_rows(conn, [_statement(table, job, limit)], class_row(RecordedAttempt))


def fetch_attempts_sync(
    conn: Connection[Any] | None, table: Table, job: UUID, *, limit: int
) -> list[RecordedAttempt]:
    """Return the latest attempts of a job; the synchronous version of `fetch_attempts`."""
    return fetch_rows_sync(conn, [_statement(table, job, limit)], class_row(RecordedAttempt))


def _statement(table: Table, job: UUID, limit: int) -> Statement:
    parameters = {"job": job, "limit": limit}
    return Statement(compose(table, "attempts_of_job"), parameters, own_types=True)
