"""Requeue the jobs of dead workers of one table, around the rows that are refused or slow."""

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
from jobgen_runtime.heartbeat.orphan_ends import OrphanEnds, is_temporary
from jobgen_runtime.queue import JobQueue, Refusal, Refusals, refusal_reason
from jobgen_runtime.queue.orphans import RescueResult
from jobgen_runtime.queue.row_errors import (
    SUPPRESSED,
    halves,
    is_conflict,
)

log = logging.getLogger("jobgen.worker")

FIRST_BATCH_ROWS = 100
LARGEST_BATCH_ROWS = 10_000
BATCH_SECONDS = 0.25
"""How long a statement is to take: batches grow or shrink accordingly. Triggers may be slow."""

MAX_SET_ASIDE = 20_000
"""Rows that are set aside, at most, before their parts are tried although other rows wait."""

TEMPORARY_RETRY_SECONDS = 2.0
"""Before a row is tried again after an error that is not about it; the delay doubles each time."""

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

    A batch that the database refuses, or that takes too long, is set aside until all other orphans
    are rescued. Then its parts are tried, down to single rows.

    Every method raises psycopg.Error if the connection is lost, or the whole table is locked or
    refuses the statement.
    """

    def __init__(self, target: RescueTarget, statement_seconds: float) -> None:
        """Prepare to look after a table with statements that take `statement_seconds` at most."""
        self._target = target
        self._name = target.queue.table.qualified_name
        self._statement_seconds = statement_seconds
        self._orphans = OrphanEnds(target.queue, target.max_attempts, statement_seconds)
        self._refusals = Refusals(target.queue.table)
        self._size = FIRST_BATCH_ROWS
        self._batch_seconds = min(BATCH_SECONDS, statement_seconds / 3)
        self._parts: list[Sequence[UUID]] = []
        """The parts that are set aside; the last one is tried first."""
        self._slow = set[UUID]()
        """The rows that have taken too long alone, once."""
        self._retries: dict[UUID, tuple[float, float]] = {}
        """When refused jobs are tried again, and after how long."""
        self._rescued = 0
        self._failed: set[UUID] = set()

    def rescue(self, conn: Connection[Any], until: float) -> bool:
        """Requeue orphans, and settle refused ones whose time has come.

        Args:
            conn: The heartbeat's connection.
            until: When to stop, by `contract.clock`; at least one statement is executed.

        Returns:
            False if there may be more to do.
        """
        self._rescued, has_more = 0, True
        self._failed.clear()
        self._orphans.try_all_again()
        try:
            while has_more or self._parts:
                if has_more and sum(map(len, self._parts)) < MAX_SET_ASIDE:
                    has_more = self._rescue_batch(conn)
                else:
                    self._rescue_part(conn)
                if now() > until:
                    break
        finally:
            self._log_rescued()
        if self._rescued and self._target.has_global_limit:
            self._target.queue.notify_slot_free_sync(conn)
        return not has_more and not self._parts and self._settle_refused(conn, until)

    def _rescue_batch(self, conn: Connection[Any]) -> bool:
        """Rescue a batch, or set it aside; return whether there may be more."""
        limit, skipped, started = self._size, self._skipped(), now()
        try:
            rescued = self._orphans.rescue(conn, limit=limit, skipped=skipped)
        except Error as error:
            _raise_if_lost(conn, error)
            # Raises if the statement is refused whatever the rows are.
            self._orphans.require_table(conn)
            ids = self._orphans.find(conn, limit=limit, skipped=skipped)
            self._parts += [ids] if ids else []
            if _is_canceled(error):
                self._size = max(limit // 10, 1)
            return len(ids) == limit
        self._note_rescued(rescued)
        fitting = int(limit * min(self._batch_seconds / max(now() - started, 1e-6), 10))
        self._size = min(max(fitting, 1), LARGEST_BATCH_ROWS)
        return len(rescued.changed) + len(rescued.unchanged) == limit

    def _rescue_part(self, conn: Connection[Any]) -> None:
        """Rescue a part of what was set aside; if that is refused, halve it, or judge its row."""
        part = self._parts.pop()
        try:
            rescued = self._orphans.rescue(conn, limit=len(part), ids=part)
        except Error as error:
            if is_lost(conn, error):
                self._parts.append(part)
                raise
            if len(part) > 1:
                self._parts += halves(part)
            elif _is_canceled(error):
                self._note_slow(conn, part[0], refusal_reason(error))
            elif is_temporary(error):
                self._retry_later(part[0], TEMPORARY_RETRY_SECONDS)
            elif bare := self._orphans.rescue_bare(conn, part[0], refusal_reason(error)):
                self._note_rescued(bare)
            else:
                self._fail(conn, part[0], refusal_reason(error))
        else:
            if len(part) == 1 and rescued.unchanged:
                self._fail(conn, part[0], SUPPRESSED)
            else:
                self._note_rescued(rescued)

    def _log_rescued(self) -> None:
        if requeued := self._rescued - len(self._failed):
            log.warning("%s: requeued %s of dead workers", self._name, counted(requeued, "job"))
        if self._failed:
            log.error(
                "%s: %s of dead workers failed permanently, such as %s",
                self._name,
                counted(len(self._failed), "job"),
                min(self._failed),
            )

    def _note_rescued(self, rescued: RescueResult) -> None:
        self._rescued += len(rescued.changed)
        self._failed |= rescued.failed
        self._slow -= rescued.changed
        self._parts += [[job] for job in rescued.unchanged]

    def _note_slow(self, conn: Connection[Any], job: UUID, reason: str) -> None:
        """Try a row that took too long once more, after all others; then refuse it."""
        if job not in self._slow:
            self._slow.add(job)
            self._parts.insert(0, [job])
            return
        self._slow.discard(job)
        log.error(
            "%s: job %s of a dead worker cannot be requeued within %g s, perhaps because of a slow "
            "trigger; trying again from time to time",
            self._name,
            job,
            self._statement_seconds,
        )
        self._refuse(conn, job, reason)

    def _fail(self, conn: Connection[Any], job: UUID, reason: str) -> None:
        """Fail an orphan that cannot be requeued, or refuse it if it cannot fail either."""
        error = (
            "The worker that ran this job died. The job is not retried, because the database "
            f"refused that: {reason}"
        )
        if self._orphans.fail(conn, job, error):
            log.error("%s: job %s of a dead worker has failed: %s", self._name, job, reason)
            return
        log.error(
            "%s: job %s of a dead worker can neither be requeued nor fail: %s; trying again from "
            "time to time",
            self._name,
            job,
            reason,
        )
        self._refuse(conn, job, reason)

    def _refuse(self, conn: Connection[Any], job: UUID, reason: str) -> None:
        self._retry_later(job)
        try:
            self._refusals.record_sync(conn, [Refusal(job, JobStatus.RETRY, reason)])
        except Error as refused:
            _raise_if_lost(conn, refused)

    def _settle_refused(self, conn: Connection[Any], until: float) -> bool:
        refused = self._orphans.find_refused(conn, limit=REFUSED_PER_CALL, skipped=self._skipped())
        for refusal in refused:
            self._retry_later(refusal.job)
            if self._orphans.settle(conn, refusal):
                self._retries.pop(refusal.job, None)
                log.warning("%s: job %s is no longer refused", self._name, refusal.job)
                with suppress(LockNotAvailable):
                    self._refusals.resolve_sync(conn, [refusal.job])
                if self._target.has_global_limit:
                    self._target.queue.notify_slot_free_sync(conn)
            if now() > until:
                return False
        return len(refused) < REFUSED_PER_CALL

    def _retry_later(self, job: UUID, first_wait: float = FIRST_RETRY_SECONDS) -> None:
        _, waited = self._retries.get(job, (0.0, first_wait / 2))
        wait = min(2 * waited, LONGEST_RETRY_SECONDS)
        self._retries[job] = (now() + wait, wait)

    def _skipped(self) -> list[UUID]:
        at = now()
        waiting = [job for job, (retry_at, _) in self._retries.items() if retry_at > at]
        return waiting + [job for part in self._parts for job in part]


def _is_canceled(error: Error) -> bool:
    """Return whether the statement took too long; a trigger may raise the same error itself."""
    return isinstance(error, QueryCanceled) and is_conflict(error)


def _raise_if_lost(conn: Connection[Any], error: Error) -> None:
    if is_lost(conn, error):
        raise error
