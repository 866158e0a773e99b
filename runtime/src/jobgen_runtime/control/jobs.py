"""Cancel, retry and delete single jobs, whatever state they are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import tuple_row

from jobgen_runtime.contract.errors import (
    DuplicateJob,
    JobRunning,
    RecordNotFound,
    TransitionSuppressed,
)
from jobgen_runtime.contract.outcomes import CANCELLED
from jobgen_runtime.contract.states import Cancellation
from jobgen_runtime.database import (
    AsyncCallerConnection,
    CallerConnection,
    Statement,
    fetch_rows,
    fetch_rows_sync,
)
from jobgen_runtime.database.adapters import OwnAsyncCursor
from jobgen_runtime.database.server_errors import is_raised_by_user_code
from jobgen_runtime.table import Table, compose

Conn = AsyncCallerConnection | None
ConnSync = CallerConnection | None
Seen = tuple[Any, ...]
"""The state of a job ("waiting", "running", "refused" or "ended"), and whether the table suppressed
the statement."""


async def cancel_job(conn: Conn, table: Table, job: UUID) -> Cancellation:
    """Fail a waiting job, or ask the worker of a running one to end it.

    Args:
        conn: A connection, whose transaction this becomes part of; None for one of the pool's.
        table: The job's table.
        job: The job's id.

    Returns:
        What the call has achieved.

    Raises:
        RecordNotFound: There is no such job.
        TransitionSuppressed: A trigger or a policy of the table kept the job as it is.
    """
    seen = await fetch_rows(conn, [cancel_statement(table, job)], tuple_row)
    return _cancellation(table, job, seen)


def cancel_job_sync(conn: ConnSync, table: Table, job: UUID) -> Cancellation:
    """Cancel a job; the synchronous version of `cancel_job`."""
    return _cancellation(
        table, job, fetch_rows_sync(conn, [cancel_statement(table, job)], tuple_row)
    )


async def retry_job(conn: Conn, table: Table, job: UUID) -> None:
    """Start a job over: due now, with all its attempts.

    The attempts are reset because a job that has used them up would fail permanently at its next
    error, without the retries and delays that its class asks for.

    Raises:
        RecordNotFound: There is no such job.
        JobRunning: The job is running.
        DuplicateJob: A unique index does not allow the job to wait, because another one does.
        TransitionSuppressed: A trigger or a policy of the table kept the job as it is.
    """
    with _translating_duplicates(table, job):
        seen = await fetch_rows(conn, [retry_statement(table, job)], tuple_row)
    _require_not_running(table, job, seen)


def retry_job_sync(conn: ConnSync, table: Table, job: UUID) -> None:
    """Start a job over; the synchronous version of `retry_job`."""
    with _translating_duplicates(table, job):
        seen = fetch_rows_sync(conn, [retry_statement(table, job)], tuple_row)
    _require_not_running(table, job, seen)


async def delete_job(conn: Conn, table: Table, job: UUID) -> None:
    """Delete a job that is not running.

    Raises:
        RecordNotFound: There is no such job.
        JobRunning: The job is running.
        TransitionSuppressed: A trigger or a policy of the table kept the job as it is.
    """
    seen = await fetch_rows(conn, [delete_statement(table, job)], tuple_row)
    _require_not_running(table, job, seen)


def delete_job_sync(conn: ConnSync, table: Table, job: UUID) -> None:
    """Delete a job; the synchronous version of `delete_job`."""
    _require_not_running(
        table, job, fetch_rows_sync(conn, [delete_statement(table, job)], tuple_row)
    )


def cancel_statement(table: Table, job: UUID) -> Statement:
    """Return the statement that cancels a job; its row is a `Seen`."""
    return Statement(compose(table, "cancel_job"), {"id": job, "error": CANCELLED}, own_types=True)


def retry_statement(table: Table, job: UUID) -> Statement:
    """Return the statement that starts a job over; its row is a `Seen`."""
    return Statement(compose(table, "retry_job"), {"id": job}, own_types=True)


def delete_statement(table: Table, job: UUID) -> Statement:
    """Return the statement that deletes a job; its row is a `Seen`."""
    return Statement(compose(table, "delete_job"), {"id": job}, own_types=True)


def reschedule_statement(table: Table, job: UUID, run_at: datetime | None) -> Statement:
    """Return the statement that makes a waiting job due at `run_at`, now if None.

    Its row is a `Seen`. A job that does not wait stays as it is.
    """
    parameters = {"id": job, "run_at": run_at}
    return Statement(compose(table, "reschedule_job"), parameters, own_types=True)


async def fetch_seen(
    conn: AsyncConnection[Any], statements: Sequence[Statement]
) -> list[Seen | None]:
    """Run one of the statements above for many jobs, in few round trips.

    Args:
        conn: A connection in a transaction.
        statements: The same statement for one job each.

    Returns:
        For each job the state that was seen; None if there is no such job.
    """
    if not statements:
        return []
    seen: list[Seen | None] = []
    async with OwnAsyncCursor(conn, row_factory=tuple_row) as cursor:
        parameters: list[Any] = [statement.params for statement in statements]
        await cursor.executemany(statements[0].query, parameters, returning=True)
        has_more: bool | None = True
        while has_more:
            seen.append(await cursor.fetchone())
            has_more = cursor.nextset()
    return seen


def _cancellation(table: Table, job: UUID, seen: Sequence[Seen]) -> Cancellation:
    """Return the outcome of a cancel statement, given the state that it has seen."""
    state = _state(table, job, seen)
    if state == "running":
        return Cancellation.REQUESTED
    return Cancellation.TOO_LATE if state == "ended" else Cancellation.DONE


def _require_not_running(table: Table, job: UUID, seen: Sequence[Seen]) -> None:
    if _state(table, job, seen) == "running":
        raise JobRunning(
            f"The job {job} of {table.qualified_name} is running.",
            hint="Retry or delete it once it has ended; cancel it to end it now.",
        )


def _state(table: Table, job: UUID, seen: Sequence[Seen]) -> str:
    if not seen:
        raise RecordNotFound(f"{table.qualified_name} has no job {job}.")
    state, is_suppressed = str(seen[0][0]), bool(seen[0][1])
    if is_suppressed:
        raise TransitionSuppressed(
            f"The job {job} of {table.qualified_name} was not changed: a trigger or a row security "
            "policy of the table suppressed the statement."
        )
    return state


@contextmanager
def _translating_duplicates(table: Table, job: UUID) -> Iterator[None]:
    try:
        yield
    except UniqueViolation as error:
        if is_raised_by_user_code(error):
            raise
        raise DuplicateJob(
            f"The job {job} of {table.qualified_name} cannot start over: the unique index "
            f"{error.diag.constraint_name} allows one such job, and there is another.",
            hint=error.diag.message_detail,
        ) from error
