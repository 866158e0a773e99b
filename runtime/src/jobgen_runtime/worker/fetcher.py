"""Fetch due jobs: claim what a lane has room for, and note in its schedule what the claim tells."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import FeatureNotSupported, LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.next_due import NextDue

Conn = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one claim returned, and why not more.

    `more_due`: more may be due that could be claimed at once. `limit_reached`: as many jobs of the
    kind run on all workers as may. `contended`: another worker was claiming the kind.
    """

    claims: list[Claim]
    more_due: bool = False
    limit_reached: bool = False
    contended: bool = False


class Fetcher:
    """Claim over the worker's one connection, one statement after another.

    Every method raises psycopg.Error if the connection broke; whether the claim took effect is then
    unknown, and `reconcile` releases its rows. Any other error of the database is logged for the
    lane, which tries again later.
    """

    def __init__(self, connection: WorkerConnection, listener: Listener, next_due: NextDue) -> None:
        self._connection = connection
        self._listener = listener
        self._next_due = next_due

    async def fetch(
        self, lane: Lane, conn: Conn, worker: UUID, limit: int, *, poll_interval: float
    ) -> list[Claim]:
        """Claim up to `limit` due jobs of a lane, and schedule its next fetch.

        Args:
            lane: The lane, which has room for them.
            conn: The worker's connection.
            worker: The worker's id.
            limit: The most to claim.
            poll_interval: Seconds until a lane whose global limit is reached looks again, at most.
        """
        schedule = lane.schedule
        if schedule.is_busy() and schedule.wakeups_enabled:
            # Claims follow each other anyway, and each NOTIFY would cost its transaction time.
            schedule.wakeups_enabled = False
            await self._listener.disable_wakeups([lane.queue.table.sql_name])
        batch = await self._claim(lane, conn, worker, limit)
        if batch is None:
            return []
        schedule.batch_completed(more_due=batch.more_due)
        if batch.more_due:
            return batch.claims
        if _wait_for_other_workers(lane, batch, poll_interval):
            if not schedule.wakeups_enabled:
                self._next_due.poll_soon()
        elif schedule.is_job_expected():
            schedule.job_expected()
        else:
            self._next_due.poll_soon()
        return batch.claims

    async def fetch_suspect(
        self, lane: Lane, conn: Conn, worker: UUID, *, poll_interval: float
    ) -> list[Claim]:
        """Claim the lane's first suspect: a due job whose last worker died."""
        batch = await self._claim(lane, conn, worker, 1, suspect=True)
        if batch is None:
            return []
        if not batch.claims:
            _wait_for_other_workers(lane, batch, poll_interval)
        return batch.claims

    async def _claim(
        self, lane: Lane, conn: Conn, worker: UUID, limit: int, *, suspect: bool = False
    ) -> _Batch | None:
        """Return what a claim brought; None if the database refused it."""
        lane.schedule.claim_started()
        try:
            batch = await _claim_within_limit(lane, conn, worker, limit, suspect=suspect)
        except LockNotAvailable:
            lane.report_locked_table()
            return None
        except Error as error:
            if isinstance(error, FeatureNotSupported):
                # A column's type has changed under a prepared statement: start without any.
                await self._connection.close()
            if is_lost(conn, error):
                raise
            lane.schedule.claim_failed()
            lane.report_fetch_error(str(error).strip())
            return None
        lane.report_fetch_error(None)
        if batch.claims:
            lane.schedule.jobs_received()
        return batch


async def _claim_within_limit(
    lane: Lane, conn: Conn, worker: UUID, limit: int, *, suspect: bool
) -> _Batch:
    """Claim jobs of a lane, as many as its global_concurrency leaves free."""
    most = lane.job.global_concurrency
    if most is None:
        claims = await _claim(lane, conn, worker, limit, suspect=suspect)
        return _Batch(claims, more_due=suspect or lane.cursor.advance(claims, limit))
    # Counting and claiming are separate statements after the lock: each sees what was committed
    # before it began.
    async with conn.transaction():
        if not await lane.queue.lock_kind(conn):
            return _Batch([], contended=True)
        free = most - await lane.queue.count_running(conn)
        if free <= 0:
            return _Batch([], limit_reached=True)
        asked = min(limit, free)
        claims = await _claim(lane, conn, worker, asked, suspect=suspect)
    return _Batch(claims, more_due=len(claims) == limit, limit_reached=len(claims) == free)


def _claim(
    lane: Lane, conn: Conn, worker: UUID, limit: int, *, suspect: bool
) -> Awaitable[list[Claim]]:
    if suspect:
        return lane.queue.claim_alone(conn, worker)
    if lane.job.strict_order:
        return lane.queue.claim_strict(conn, worker)
    return lane.queue.claim(conn, worker, limit, lane.cursor.after)


def _wait_for_other_workers(lane: Lane, batch: _Batch, poll_interval: float) -> bool:
    """Schedule the next fetch if other workers limited this one; return whether they did."""
    if batch.contended:
        lane.schedule.claim_contended()
    elif batch.limit_reached:
        lane.schedule.limit_reached(poll_interval=poll_interval)
    return batch.contended or batch.limit_reached
