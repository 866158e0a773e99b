"""Requeue the jobs of dead workers of one table, in batches, around the rows that are refused."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection, Error
from psycopg.errors import LockNotAvailable, QueryCanceled

from jobgen_runtime.contract.clock import now
from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import JobQueue, Refusal, Refusals, refusal_reason
from jobgen_runtime.queue.orphans import Orphans
from jobgen_runtime.queue.row_errors import SUPPRESSED, halves

log = logging.getLogger("jobgen.worker")

FIRST_BATCH_ROWS = 100
LARGEST_BATCH_ROWS = 10_000
BATCH_SECONDS = 0.25
"""How long a statement is to take: batches grow or shrink accordingly. Triggers may be slow."""

REFUSED_PER_CALL = 100
FIRST_RETRY_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 900.0
"""Between two attempts to settle a refused job; the delay doubles with each attempt."""


@dataclass(frozen=True, slots=True)
class RescueTarget:
    """A job table to look after."""

    queue: JobQueue
    max_attempts: int
    has_global_limit: bool
    """Whether workers wait for free slots of this kind of job."""


class TableRescuer:
    """Rescue the orphans of one table.

    Every method raises psycopg.Error if the connection is lost, or the whole table is locked or
    refuses the statement.
    """

    def __init__(self, target: RescueTarget) -> None:
        """Prepare to look after a table."""
        self._target = target
        self._name = target.queue.table.qualified_name
        self._orphans = Orphans(target.queue.table)
        self._refusals = Refusals(target.queue.table)
        self._size = FIRST_BATCH_ROWS
        self._retries: dict[UUID, tuple[float, float]] = {}
        """When refused jobs are tried again, and after how long."""

    def rescue(self, conn: Connection[Any], until: float) -> bool:
        """Requeue orphans, and settle refused ones whose time has come.

        Args:
            conn: The heartbeat's connection.
            until: When to stop, by `contract.clock`; at least one statement is executed.

        Returns:
            False if there may be more to do.
        """
        rescued, is_finished = 0, False
        try:
            while not is_finished:
                changed, is_finished = self._rescue_batch(conn, until)
                rescued += changed
                if now() > until:
                    break
        finally:
            if rescued:
                jobs = counted(rescued, "job")
                log.warning("%s: requeued %s of dead workers", self._name, jobs)
        if rescued and self._target.has_global_limit:
            self._target.queue.notify_slot_free_sync(conn)
        return is_finished and self._settle_refused(conn, until)

    def _rescue_batch(self, conn: Connection[Any], until: float) -> tuple[int, bool]:
        """Return how many jobs were rescued, and whether these were all."""
        limit, started = self._size, now()
        try:
            rescued = self._orphans.rescue(
                conn, self._target.max_attempts, limit=limit, skipped=self._skipped()
            )
        except LockNotAvailable:
            raise
        except QueryCanceled as error:
            _raise_if_lost(conn, error)
            if limit > 1:
                self._size = max(limit // 10, 1)
                return 0, False
            return self._narrow(conn, limit, until)
        except Error as error:
            _raise_if_lost(conn, error)
            return self._narrow(conn, limit, until)
        seconds = now() - started
        fitting = int(limit * min(BATCH_SECONDS / max(seconds, 1e-6), 10))
        self._size = min(max(fitting, 1), LARGEST_BATCH_ROWS)
        for job in rescued.unchanged:
            self._fail(conn, job, SUPPRESSED)
        return len(rescued.changed), len(rescued.changed) + len(rescued.unchanged) < limit

    def _narrow(self, conn: Connection[Any], limit: int, until: float) -> tuple[int, bool]:
        """Rescue a refused batch in parts, and fail or refuse the rows that are refused alone."""
        # Raises if the statement is refused whatever the rows are.
        self._orphans.rescue(conn, self._target.max_attempts, limit=0)
        ids = self._orphans.find(conn, limit=limit, skipped=self._skipped())
        parts: list[Sequence[UUID]] = [ids] if ids else []
        count = 0
        while parts:
            part = parts.pop()
            try:
                rescued = self._orphans.rescue(
                    conn, self._target.max_attempts, limit=len(part), ids=part
                )
            except Error as error:
                _raise_if_lost(conn, error)
                if len(part) > 1:
                    parts += halves(part)
                    continue
                self._fail(conn, part[0], refusal_reason(error))
            else:
                count += len(rescued.changed)
                for job in rescued.unchanged:
                    self._fail(conn, job, SUPPRESSED)
            if now() > until:
                return count, False
        return count, len(ids) < limit

    def _fail(self, conn: Connection[Any], job: UUID, reason: str) -> None:
        """Fail an orphan that cannot be requeued, or refuse it if it cannot fail either."""
        error = (
            "The worker that ran this job died. The job is not retried, because the database "
            f"refused that: {reason}"
        )
        try:
            is_failed = self._orphans.fail(conn, job, error)
        except Error as refused:
            _raise_if_lost(conn, refused)
            is_failed = False
        if is_failed:
            log.error("%s: job %s of a dead worker has failed: %s", self._name, job, reason)
            return
        log.error(
            "%s: job %s of a dead worker can neither be requeued nor fail: %s; trying again from "
            "time to time",
            self._name,
            job,
            reason,
        )
        self._retry_later(job)
        try:
            self._refusals.record_sync(conn, [Refusal(job, JobStatus.RETRY, reason)])
        except Error as refused:
            _raise_if_lost(conn, refused)

    def _settle_refused(self, conn: Connection[Any], until: float) -> bool:
        refused = self._orphans.find_refused(conn, limit=REFUSED_PER_CALL, skipped=self._skipped())
        for refusal in refused:
            self._retry_later(refusal.job)
            if self._settle(conn, refusal):
                self._retries.pop(refusal.job, None)
                log.warning("%s: job %s is no longer refused", self._name, refusal.job)
                with suppress(LockNotAvailable):
                    self._refusals.resolve_sync(conn, [refusal.job])
                if self._target.has_global_limit:
                    self._target.queue.notify_slot_free_sync(conn)
            if now() > until:
                return False
        return len(refused) < REFUSED_PER_CALL

    def _settle(self, conn: Connection[Any], refusal: Refusal) -> bool:
        """Give a refused job its status, or fail it; return False if it remains refused."""
        reason = f"How the attempt ended could not be stored: {refusal.reason}"
        kept = None if refusal.wanted is JobStatus.SUCCEEDED else reason
        for status, error in ((refusal.wanted, kept), (JobStatus.FAILED, reason)):
            try:
                if self._orphans.settle_refused(conn, refusal.job, status, error):
                    return True
            except LockNotAvailable:
                return False
            except Error as refused:
                _raise_if_lost(conn, refused)
        return False

    def _retry_later(self, job: UUID) -> None:
        _, waited = self._retries.get(job, (0.0, FIRST_RETRY_SECONDS / 2))
        wait = min(2 * waited, LONGEST_RETRY_SECONDS)
        self._retries[job] = (now() + wait, wait)

    def _skipped(self) -> list[UUID]:
        at = now()
        return [job for job, (retry_at, _) in self._retries.items() if retry_at > at]


def _raise_if_lost(conn: Connection[Any], error: Error) -> None:
    if is_lost(conn, error):
        raise error
