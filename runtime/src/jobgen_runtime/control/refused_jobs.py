"""The jobs whose next transition the database refuses, for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.table import Table, compose


@dataclass(frozen=True, slots=True)
class RefusedJob:
    """A job whose next transition the database refuses."""

    job: UUID
    wanted_status: str
    """The status that the job cannot get, as the database writes it."""

    reason: str
    """The reason that the database gave."""

    refused_at: datetime
    total: int
    """How many jobs of the table are refused."""

    @property
    def has_ended(self) -> bool:
        """Whether the job's attempt has ended, although its row is still running."""
        return self.wanted_status != JobStatus.RUNNING.value

    @property
    def problem(self) -> str:
        """What the job cannot do: "cannot start", or "has ended and cannot become failed"."""
        if not self.has_ended:
            return "cannot start"
        status = self.wanted_status.removeprefix("job_status_").replace("_", " ")
        return f"has ended and cannot become {status}"


async def fetch_refused_jobs(
    conn: AsyncConnection[Any] | None, table: Table, *, limit: int, job: UUID | None = None
) -> list[RefusedJob]:
    """Return refused jobs of the table, the oldest refusal first.

    Args:
        conn: The connection; None for one of the pool's.
        table: The job table.
        limit: How many to return at most.
        job: Return only this job, if it is refused.
    """
    return await fetch_rows(conn, [_statement(table, limit, job)], class_row(RefusedJob))


def fetch_refused_jobs_sync(
    conn: Connection[Any] | None, table: Table, *, limit: int
) -> list[RefusedJob]:
    """Return refused jobs; the synchronous version of `fetch_refused_jobs`."""
    return fetch_rows_sync(conn, [_statement(table, limit, None)], class_row(RefusedJob))


def _statement(table: Table, limit: int, job: UUID | None) -> Statement:
    parameters = {"limit": limit, "job": job}
    return Statement(compose(table, "refusals"), parameters, own_types=True)
