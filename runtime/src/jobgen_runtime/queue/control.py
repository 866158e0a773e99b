"""What an operator may do to one job, whatever state it is in."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import scalar_row

from jobgen_runtime.contract import JobStatus
from jobgen_runtime.sql import read


class Control(Enum):
    """How an operator's order ended."""

    DONE = auto()
    RUNNING = auto()
    """Refused, and nothing changed: a worker holds the job."""
    GONE = auto()
    """There is no such job."""


async def retry_job(conn: AsyncConnection[Any], table: sql.Identifier, job_id: UUID) -> Control:
    """Starts a job over: due now, with all its attempts, its last error kept until the next end.

    The attempts are reset because a job that has spent them would end at its first new fault,
    without the waits between attempts that its class asks for.
    """
    return await _order(conn, "retry_by_operator", table, job_id)


async def delete_job(conn: AsyncConnection[Any], table: sql.Identifier, job_id: UUID) -> Control:
    """Deletes a job that no worker holds."""
    return await _order(conn, "delete_by_operator", table, job_id)


async def _order(
    conn: AsyncConnection[Any], name: str, table: sql.Identifier, job_id: UUID
) -> Control:
    query = sql.SQL(read(name)).format(table=table)
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query, {"id": job_id})
        status: str | None = await cursor.fetchone()
    if status is None:
        return Control.GONE
    return Control.RUNNING if JobStatus(status) is JobStatus.RUNNING else Control.DONE
