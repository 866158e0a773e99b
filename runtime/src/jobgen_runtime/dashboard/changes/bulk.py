"""Change many jobs at once; one that is refused holds up no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error, errors
from psycopg.rows import tuple_row

from jobgen_runtime.contract.states import JobStatus, read_status
from jobgen_runtime.control.jobs import Seen, fetch_seen
from jobgen_runtime.dashboard.changes.operations import RETRY, SUCCEEDED, Operation
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.refused_statements import (
    check_constraints,
    is_statement_error,
    shown_reason,
)
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.database.server_errors import is_raised_by_user_code

BATCH = 1_000
"""Jobs that one request changes, at most: it must end while somebody waits for it."""

GONE = "deleted before"
LOCKED = "locked by another transaction"
DUPLICATE = "another such job waits"
SUPPRESSED = "a trigger or a policy of the table kept it"


@dataclass
class BulkResult:
    """What has become of jobs."""

    changed: list[UUID] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """How many were left as they are, by the reason."""


async def change_jobs(
    conn: AsyncConnection[Any], table: JobTable, operation: Operation, jobs: Sequence[UUID]
) -> BulkResult:
    """Change jobs, without waiting for those that another transaction has locked."""
    result = BulkResult()
    statuses = await _lock(conn, table, jobs)
    changeable = []
    for job, status in statuses.items():
        if operation is RETRY and status is JobStatus.SUCCEEDED:
            result.skipped[SUCCEEDED] += 1
        else:
            changeable.append(job)
    missing = [job for job in jobs if job not in statuses]
    if missing:
        locked = len(await _fetch(conn, "existing_jobs", table, missing))
        result.skipped += Counter({LOCKED: locked, GONE: len(missing) - locked})
    await _change(conn, table, operation, changeable, result)
    return result


async def _change(
    conn: AsyncConnection[Any],
    table: JobTable,
    operation: Operation,
    jobs: Sequence[UUID],
    result: BulkResult,
) -> None:
    """Change jobs together. If the database refuses that, halve them to find those it refuses."""
    statements = [operation.statement(table.record_table, job) for job in jobs]
    try:
        async with conn.transaction():
            seen = await fetch_seen(conn, statements)
            await check_constraints(conn)
    except Error as error:
        if not is_statement_error(conn, error):
            raise
        if len(jobs) == 1:
            result.skipped[_reason(error, table)] += 1
            return
        middle = len(jobs) // 2
        await _change(conn, table, operation, jobs[:middle], result)
        await _change(conn, table, operation, jobs[middle:], result)
        return
    for job, each in zip(jobs, seen, strict=True):
        reason = _skipped(operation, each)
        if reason is None:
            result.changed.append(job)
        else:
            result.skipped[reason] += 1


def _skipped(operation: Operation, seen: Seen | None) -> str | None:
    """Return why a job was left as it is; None if it was changed."""
    if seen is None:
        return GONE
    state, is_suppressed = str(seen[0]), bool(seen[1])
    return SUPPRESSED if is_suppressed else operation.skipped.get(state)


def _reason(error: Error, table: JobTable) -> str:
    if isinstance(error, errors.UniqueViolation) and not is_raised_by_user_code(error):
        return DUPLICATE
    return f"the database refuses it: {shown_reason(error, table)}"


async def _lock(
    conn: AsyncConnection[Any], table: JobTable, jobs: Sequence[UUID]
) -> dict[UUID, JobStatus | None]:
    """Lock jobs until the end of the transaction; return the statuses of those it could lock."""
    rows = await _fetch(conn, "lock_jobs", table, jobs)
    statuses = {job: None if status is None else read_status(status) for job, status in rows}
    return {job: statuses[job] for job in jobs if job in statuses}


async def _fetch(
    conn: AsyncConnection[Any], name: str, table: JobTable, jobs: Sequence[UUID]
) -> list[Any]:
    query = statement(name).format(table=table.identifier)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"ids": list(jobs)})
        return await cursor.fetchall()
