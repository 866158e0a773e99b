"""What an operator may order: of one job, whatever state it is in, and of a whole kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import scalar_row

from jobgen_runtime.contract import (
    CANCELLED,
    WAITING,
    Cancellation,
    DuplicateJob,
    JobRunning,
    JobStatus,
    RecordNotFound,
)
from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.table import Table, compose

Conn = AsyncConnection[Any] | None
ConnSync = Connection[Any] | None


async def cancel_job(conn: Conn, table: Table, job: UUID) -> Cancellation:
    """See `JobRecord.cancel`."""
    return _cancellation(table, job, await fetch_rows(conn, [_cancel(table, job)], scalar_row))


def cancel_job_sync(conn: ConnSync, table: Table, job: UUID) -> Cancellation:
    """The plain twin of `cancel_job`."""
    return _cancellation(table, job, fetch_rows_sync(conn, [_cancel(table, job)], scalar_row))


async def retry_job(conn: Conn, table: Table, job: UUID) -> None:
    """See `JobRecord.retry`.

    The attempts are reset because a job that has spent them would end at its first new fault,
    without the waits between attempts that its class asks for.
    """
    with _told_of_twins(table, job):
        seen = await fetch_rows(conn, [_order(table, "retry_by_operator", job)], scalar_row)
    _require_rest(table, job, seen)


def retry_job_sync(conn: ConnSync, table: Table, job: UUID) -> None:
    """The plain twin of `retry_job`."""
    with _told_of_twins(table, job):
        seen = fetch_rows_sync(conn, [_order(table, "retry_by_operator", job)], scalar_row)
    _require_rest(table, job, seen)


async def delete_job(conn: Conn, table: Table, job: UUID) -> None:
    """Deletes a job that no worker holds. Raises RecordNotFound, and JobRunning if one does."""
    seen = await fetch_rows(conn, [_order(table, "delete_by_operator", job)], scalar_row)
    _require_rest(table, job, seen)


def pause(table: Table) -> Statement:
    """No job of the kind starts any more. Returns a row unless that was so already."""
    return Statement(compose(table, "pause"))


def resume(table: Table) -> Statement:
    """Jobs of the kind start again. Returns a row if the kind was paused."""
    return Statement(compose(table, "resume"))


def _cancel(table: Table, job: UUID) -> Statement:
    return Statement(compose(table, "cancel_by_operator"), {"id": job, "error": CANCELLED})


def _order(table: Table, name: str, job: UUID) -> Statement:
    return Statement(compose(table, name), {"id": job})


def _cancellation(table: Table, job: UUID, seen: Sequence[str]) -> Cancellation:
    status = _status(table, job, seen)
    if status is JobStatus.RUNNING:
        return Cancellation.REQUESTED
    return Cancellation.DONE if status in WAITING else Cancellation.TOO_LATE


def _require_rest(table: Table, job: UUID, seen: Sequence[str]) -> None:
    if _status(table, job, seen) is JobStatus.RUNNING:
        raise JobRunning(
            f"The job {job} of {table.qualified_name} is running.",
            hint="It can be retried or deleted once it has ended; cancel it to end it now.",
        )


def _status(table: Table, job: UUID, seen: Sequence[str]) -> JobStatus:
    if not seen:
        raise RecordNotFound(f"{table.qualified_name} has no job {job}.")
    return JobStatus(seen[0])


@contextmanager
def _told_of_twins(table: Table, job: UUID) -> Iterator[None]:
    try:
        yield
    except UniqueViolation as error:
        raise DuplicateJob(
            f"The job {job} of {table.qualified_name} cannot start over: another one like it is"
            f" there already, and the unique index {error.diag.constraint_name} allows one.",
            hint=error.diag.message_detail,
        ) from error
