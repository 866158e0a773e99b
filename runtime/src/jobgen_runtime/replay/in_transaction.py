"""Run a job in one transaction that is rolled back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from psycopg import Error, OperationalError

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.errors import JobRunning, NoDatabase
from jobgen_runtime.contract.outcomes import (
    Cancelled,
    Committed,
    Expired,
    Failed,
    Interrupted,
    Outcome,
    SnoozeFor,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.database import connection, database_url
from jobgen_runtime.database.address import target_primary
from jobgen_runtime.database.pools import replace_pools
from jobgen_runtime.database.rejections import connection_failure
from jobgen_runtime.database.rolled_back import (
    RolledBackAsyncPool,
    RolledBackSession,
    RolledBackSyncPool,
)
from jobgen_runtime.executor import Deadline, Execution, guard_process, variables_factory
from jobgen_runtime.job import Job
from jobgen_runtime.queue import Claim, JobQueue, UnreadableRow
from jobgen_runtime.record import JobRecord
from jobgen_runtime.replay.attempt import Ending, RecordingRunner, explaining_refusal
from jobgen_runtime.worker.lane_runners import LaneRunners


@contextmanager
def open_transaction() -> Iterator[None]:
    """Let all code use one transaction during the block, which is rolled back at its end.

    Raises:
        NoDatabase: The database cannot be reached, or rejects the connection.
    """
    try:
        session = RolledBackSession(target_primary(database_url()))
    except (OperationalError, OSError) as error:
        raise connection_failure(error) from error
    except Error as error:
        raise NoDatabase(f"The database refuses a transaction: {error}") from error
    try:
        with replace_pools(RolledBackAsyncPool(session), RolledBackSyncPool(session)):
            yield
    finally:
        session.close()


async def run_in_transaction(job: type[Job[Any]], job_id: UUID) -> Ending:
    """Claim a job and run it, inside of `open_transaction`.

    The claim belongs to the transaction as well: others see the row as it was, and cannot change
    it.

    Raises:
        JobRunning: A worker has claimed the job meanwhile.
    """
    guard_process()
    record = job.record
    assert issubclass(record, JobRecord)  # noqa: S101 -- checked before
    with explaining_refusal(job_id):
        async with connection() as conn:
            claim = await JobQueue(record).claim_job(conn, uuid4(), job_id)
    if claim is None:
        raise JobRunning(f"The job {job_id} of {record.__table__.qualified_name} is running.")
    row = claim.take_record()
    if isinstance(row, UnreadableRow):
        return Ending(f"failed: {row.error}", 1)
    deadline = Deadline()
    runners = LaneRunners(job(), 1, deadline)
    runner = RecordingRunner(runners.regular)
    try:
        outcome = await _execute(runner, claim, row)
    finally:
        runners.close()
        deadline.close()
    return Ending(*_describe(outcome), runner.error)


async def _execute(runner: RecordingRunner, claim: Claim, row: JobRecord) -> Outcome | Committed:
    ended = asyncio.get_running_loop().create_future()
    kind = type(runner.job)
    context = JobContext(
        kind.__name__,
        row.__table__.qualified_name,
        claim.id,
        claim.attempts,
        claim.fence,
        row.run_at,
        row.locked_at,
        kind.max_attempts,
    )

    def on_end(outcome: Outcome | Committed) -> None:
        if not ended.done():
            ended.set_result(outcome)

    execution = Execution(row, context, runner, on_end, variables_factory()())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, execution.interrupt)
    outcome: Outcome | Committed = await ended
    return outcome


def _describe(outcome: Outcome | Committed) -> tuple[str, int]:
    match outcome:
        case Succeeded() | Committed():
            return "succeeded", 0
        case SnoozeFor(delay):
            return f"snoozed for {duration_text(delay)}", 0
        case TimedOut():
            return "timed out", 1
        case Cancelled(error) | Expired(error):
            return f"failed: {error}", 1
        case Interrupted():
            return "interrupted", 130
        case Failed():
            return "failed", 1
