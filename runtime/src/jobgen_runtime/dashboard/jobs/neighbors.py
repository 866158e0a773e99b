"""Find what else happened near a job: those before and after it, and those with its references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Error, sql
from psycopg.rows import tuple_row

from jobgen_runtime.contract.states import JobStatus, read_status
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import Column, JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.job_view import JobView
from jobgen_runtime.sql import read
from jobgen_runtime.table import quote_name

MAX_COUNTED = 1_000
"""Jobs with the same reference that are counted."""

TIMEOUT_MS = "500"


@dataclass(frozen=True)
class Neighbor:
    """A job near another."""

    id: UUID
    status: JobStatus
    created_at: Moment | None


@dataclass(frozen=True)
class Related:
    """The other jobs that reference the same row."""

    column: Column
    value: str
    counts: list[tuple[JobStatus, int]]
    """How many there are, by status."""

    is_cut: bool
    """Whether there are more."""


@dataclass(frozen=True)
class Neighbors:
    """What else happened near a job."""

    previous: Neighbor | None = None
    next: Neighbor | None = None
    related: tuple[Related, ...] = ()


async def find_neighbors(conn: AsyncConnection[Any], table: JobTable, job: JobView) -> Neighbors:
    """Return what else happened near a job, as far as indexes find it.

    Nothing is returned if the database refuses that, or takes too long: the job is shown without.
    """
    if job.id is None:
        return Neighbors()
    try:
        # The settings of these statements end with their savepoint.
        async with (
            conn.transaction(force_rollback=True),
            conn.cursor(row_factory=tuple_row) as cursor,
        ):
            await cursor.execute(
                statement("set_statement_timeout"), {"statement_timeout": TIMEOUT_MS}
            )
            await cursor.execute(read("plan_by_index").encode())
            near = await _read_near(cursor, table, job)
            related = [
                await _count(cursor, table, job, column, value)
                for column, value in job.own
                if column.references is not None and column.indexed and isinstance(value, str)
            ]
    except Error:
        if conn.closed:
            raise
        return Neighbors()
    return Neighbors(near.get("previous"), near.get("next"), tuple(related))


async def _read_near(
    cursor: AsyncCursor[Any], table: JobTable, job: JobView
) -> dict[str, Neighbor]:
    """Return the jobs before ("previous") and after ("next")."""
    near = _near(table, job)
    if near is None:
        return {}
    await cursor.execute(near, {"id": job.id})
    return {
        side: Neighbor(found, _status(status), None if created is None else Moment(created))
        for side, found, status, created in await cursor.fetchall()
    }


async def _count(
    cursor: AsyncCursor[Any], table: JobTable, job: JobView, column: Column, value: str
) -> Related:
    """Count the other jobs with a reference."""
    query = statement("count_referencing").format(
        table=table.identifier, column=quote_name(column.name)
    )
    await cursor.execute(query, {"value": value, "id": job.id, "limit": MAX_COUNTED})
    counts = [(_status(status), number) for status, number in await cursor.fetchall()]
    return Related(column, value, counts, sum(number for _, number in counts) == MAX_COUNTED)


def _status(text: str | None) -> JobStatus:
    return read_status("NULL" if text is None else text)


def _near(table: JobTable, job: JobView) -> sql.Composed | None:
    """Return the statement for the jobs created before and after; None if no index finds them."""
    if table.id_is_ordered:
        column, place = "id", sql.Composed([sql.SQL("%(id)s")])
    elif table.has_creation_index and job.created_at is not None:
        query = sql.SQL("(SELECT created_at FROM {} WHERE id = %(id)s)")
        column, place = "created_at", query.format(table.identifier)
    else:
        return None
    return statement("near_jobs").format(
        table=table.identifier, column=quote_name(column), place=place
    )
