"""Change many jobs at once: those that were chosen, or all that match a selection, in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.rows import tuple_row

from jobgen_runtime.contract.errors import (
    DuplicateJob,
    JobRunning,
    RecordNotFound,
    TransitionSuppressed,
)
from jobgen_runtime.contract.states import Cancellation, JobStatus
from jobgen_runtime.control import cancel_job, delete_job, retry_job
from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.refused_statements import (
    check_constraints,
    is_statement_error,
    shown_reason,
)
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.rows import lock_status
from jobgen_runtime.dashboard.lists.counts import Summary
from jobgen_runtime.dashboard.lists.filters import Values
from jobgen_runtime.dashboard.lists.order import choose_order
from jobgen_runtime.dashboard.lists.selection import Cursor, Selection
from jobgen_runtime.sql import read

BATCH = 1_000
"""Jobs that one request changes, at most: it must end while somebody waits for it."""


class Skipped(Exception):
    """A job that was left as it is; the message says why, after "skipped: "."""


@dataclass
class BulkResult:
    """What has become of the jobs of one batch."""

    changed: list[UUID] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """How many were left as they are, by the reason."""


async def change_jobs(
    conn: AsyncConnection[Any], table: JobTable, right: Right, jobs: Sequence[UUID]
) -> BulkResult:
    """Retry, cancel or delete jobs, each by itself: one that is refused holds up no other."""
    result = BulkResult()
    for job in jobs:
        try:
            async with conn.transaction():
                await _change(conn, table, right, job)
                await check_constraints(conn)
        except Skipped as skipped:
            result.skipped[str(skipped)] += 1
        except RecordNotFound:
            result.skipped["deleted before"] += 1
        except JobRunning:
            result.skipped["running"] += 1
        except DuplicateJob:
            result.skipped["another such job waits"] += 1
        except TransitionSuppressed:
            result.skipped["a trigger or a policy of the table kept it"] += 1
        except Error as error:
            if not is_statement_error(conn, error):
                raise
            result.skipped[f"the database refuses it: {shown_reason(error)}"] += 1
        else:
            result.changed.append(job)
    return result


async def _change(conn: AsyncConnection[Any], table: JobTable, right: Right, job: UUID) -> None:
    match right:
        case Right.RETRY:
            if await lock_status(conn, table, job) is JobStatus.SUCCEEDED:
                raise Skipped("succeeded")
            await retry_job(conn, table.record_table, job)
        case Right.CANCEL:
            if await cancel_job(conn, table.record_table, job) is Cancellation.TOO_LATE:
                raise Skipped("already ended")
        case _:
            await delete_job(conn, table.record_table, job)


async def matching_jobs(
    conn: AsyncConnection[Any],
    table: JobTable,
    summary: Summary,
    selection: Selection,
    *,
    until: float,
    after: Cursor | None,
    limit: int,
) -> list[tuple[UUID, Cursor]]:
    """Return up to `limit` jobs that match, with their places in the list.

    Args:
        conn: A connection in a transaction.
        table: The job table.
        summary: Its jobs by status.
        selection: What they must match.
        until: Seconds since 1970: jobs that were changed later are left out.
        after: Begin after this place, if the order of the list has places.
        limit: How many jobs to return, at most.
    """
    values = Values()
    order = choose_order(table, summary, selection, values)
    source = order.source
    if after is not None and order.fits(after):
        source = order.beyond_source(after, values)
    query = statement("select_ids").format(
        table=table.identifier,
        source=source,
        scan=order.scan(),
        cursor=order.cursor_value(),
        condition=selection.condition(table, values),
        order=order.by(),
    )
    parameters = {
        **values.by_name,
        "scanned": order.scanned,
        "until": until,
        "limit": limit,
    }
    # The settings of these statements end with their savepoint.
    async with (
        conn.transaction(force_rollback=True),
        conn.cursor(row_factory=tuple_row) as cursor,
    ):
        if not summary.is_exact:
            await cursor.execute(read("plan_by_index").encode())
        await cursor.execute(query, parameters)
        return [(job, Cursor(value, job)) for job, value in await cursor.fetchall() if job]
