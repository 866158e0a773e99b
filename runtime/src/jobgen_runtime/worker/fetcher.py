"""Fetch due jobs: claim as many as a lane has room for, and note the result in its schedule."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import FeatureNotSupported

from jobgen_runtime.database.sessions import forget_prepared_statements, is_lost
from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Claim, refusal_reason
from jobgen_runtime.queue.row_errors import is_collision, is_locked
from jobgen_runtime.worker.claim_batches import Batch, claim_batch, narrow_batch
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.next_due import NextDue

Conn = AsyncConnection[Any]


class Fetcher:
    """Claim over the worker's one connection, one statement after another.

    Every method raises psycopg.Error if the connection broke; whether the claim took effect is then
    unknown, and `reconcile` releases its rows. After any other error of the database, the rows that
    it refuses are found and left alone. If it refuses every claim of the kind, that is logged for
    the lane, which tries again later.
    """

    def __init__(self, listener: Listener, next_due: NextDue) -> None:
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

    async def fetch_suspects(
        self, lane: Lane, conn: Conn, worker: UUID, limit: int, *, deaths: int, poll_interval: float
    ) -> list[Claim]:
        """Claim up to `limit` suspects of a lane: due jobs whose last workers died.

        Args:
            lane: The lane, which has room for them.
            conn: The worker's connection.
            worker: The worker's id.
            limit: The most to claim.
            deaths: How many workers in a row have died with them.
            poll_interval: Seconds until a lane whose global limit is reached looks again, at most.
        """
        due_at = lane.schedule.due_at
        batch = await self._claim(lane, conn, worker, limit, deaths=deaths)
        if batch is None:
            return []
        if batch.claims or not _wait_for_other_workers(lane, batch, poll_interval):
            # The claim says nothing about the lane's other jobs.
            lane.schedule.due_at = min(lane.schedule.due_at, due_at)
        return batch.claims

    async def _claim(
        self, lane: Lane, conn: Conn, worker: UUID, limit: int, *, deaths: int = 0
    ) -> Batch | None:
        """Return the result of a claim; None if the database refused it.

        `deaths`: claim suspects with which as many workers in a row have died; 0 for other jobs.
        """
        lane.schedule.claim_started()
        try:
            batch = await _claim_around_refused(lane, conn, worker, limit, deaths=deaths)
        except Error as error:
            if is_lost(conn, error):
                raise
            if is_locked(error):
                lane.report_locked_table()
            elif is_collision(error):
                lane.schedule.claim_contended()
            else:
                lane.schedule.claim_failed()
                lane.errors.report_claims(refusal_reason(error))
            return None
        lane.schedule.claim_answered()
        lane.errors.report_claims(None)
        if batch.claims:
            lane.schedule.jobs_received()
        if batch.is_slow or lane.refused_claims.is_full():
            lane.schedule.pause_claims()
        return batch


async def _claim_around_refused(
    lane: Lane, conn: Conn, worker: UUID, limit: int, *, deaths: int
) -> Batch:
    """Claim in one statement; if the database refuses that, find the rows that it refuses."""
    may_be_locked = has_other_types = False
    is_trial = bool(lane.refused_claims) and lane.refused_claims.start_trials()
    may_be_hidden = deaths > 0 or lane.schedule.take_narrowing()
    if deaths or not (is_trial or may_be_hidden):
        try:
            batch = await claim_batch(lane, conn, worker, limit, deaths=deaths)
            if batch.claims or not deaths or batch.contended or batch.limit_reached:
                return batch
        except Error as error:
            may_repeat = is_collision(error) and lane.schedule.may_claim_at_once()
            if is_lost(conn, error) or may_repeat:
                raise
            may_be_locked = is_locked(error)
            has_other_types = isinstance(error, FeatureNotSupported)
    batch = await narrow_batch(
        lane,
        conn,
        worker,
        limit,
        deaths=deaths,
        may_be_locked=may_be_locked,
        may_be_hidden=may_be_hidden,
    )
    if has_other_types:
        # A column's type may have changed under a prepared statement.
        await forget_prepared_statements(conn)
    return batch


def _wait_for_other_workers(lane: Lane, batch: Batch, poll_interval: float) -> bool:
    """Schedule the next fetch if other workers limited this one; return whether they did."""
    if batch.contended:
        lane.schedule.claim_contended()
    elif batch.limit_reached:
        lane.schedule.limit_reached(poll_interval=poll_interval)
    return batch.contended or batch.limit_reached
