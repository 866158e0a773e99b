"""The ends of orphans, with the report of a failure and the record of the attempt, or without."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from itertools import product
from typing import Any
from uuid import UUID

from psycopg import Connection, Error

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import JobQueue, Refusal, refusal_reason
from jobgen_runtime.queue.orphans import Orphans, RescueResult
from jobgen_runtime.queue.row_errors import is_conflict, is_locked, is_outage

log = logging.getLogger("jobgen.worker")


class OrphanEnds:
    """End the orphans of one table.

    Where the database refuses the report of a failure or the record of an attempt, jobs end
    without it, and that is logged. Every method raises psycopg.Error if its statement fails, unless
    it says something else.
    """

    def __init__(self, queue: JobQueue, max_attempts: int, statement_seconds: float) -> None:
        """Prepare statements that may take `statement_seconds` each."""
        self._name = queue.table.qualified_name
        self._max_attempts = max_attempts
        self._full = Orphans(queue.table, queue.endings, statement_seconds=statement_seconds)
        self._bare = Orphans(queue.table, statement_seconds=statement_seconds)
        self._ways = (self._full, self._bare) if queue.endings else (self._full,)
        self._active = self._full

    def try_all_again(self) -> None:
        """Write reports and records again, whatever was refused before."""
        self._active = self._full

    def rescue(
        self,
        conn: Connection[Any],
        *,
        limit: int,
        ids: Sequence[UUID] | None = None,
        skipped: Collection[UUID] = (),
    ) -> RescueResult:
        """Requeue orphans, as `Orphans.rescue`."""
        return self._active.rescue(conn, self._max_attempts, limit=limit, ids=ids, skipped=skipped)

    def require_table(self, conn: Connection[Any]) -> None:
        """Rescue no row. If only what belongs to an end is refused, leave it out from now on."""
        try:
            self.rescue(conn, limit=0)
        except Error as error:
            _raise_if_lost(conn, error)
            if self._active is self._ways[-1] or is_temporary(error):
                raise
            reason = refusal_reason(error)
        else:
            return
        self._bare.rescue(conn, self._max_attempts, limit=0)
        self._active = self._bare
        log.error(
            "%s: jobs of dead workers end without the reports and records of their attempts, which "
            "the database refuses: %s",
            self._name,
            reason,
        )

    def rescue_bare(self, conn: Connection[Any], job: UUID, reason: str) -> RescueResult | None:
        """Rescue a refused orphan without what belongs to its end; None if that is refused too.

        Raises:
            psycopg.Error: The connection is lost.
        """
        if self._active is self._ways[-1]:
            return None
        try:
            rescued = self._bare.rescue(conn, self._max_attempts, limit=1, ids=[job])
        except Error as refused:
            _raise_if_lost(conn, refused)
            return None
        if rescued.unchanged:
            return None
        self._log_bare(job, reason)
        return rescued

    def fail(self, conn: Connection[Any], job: UUID, error: str) -> bool:
        """Fail an orphan; return False if the database refuses that.

        Raises:
            psycopg.Error: The connection is lost.
        """
        reason = ""
        for orphans in self._ways:
            try:
                is_failed = orphans.fail(conn, job, error)
            except Error as refused:
                _raise_if_lost(conn, refused)
                reason = refusal_reason(refused)
            else:
                if is_failed:
                    self._log_bare(job, reason)
                    return True
        return False

    def settle(self, conn: Connection[Any], refusal: Refusal) -> bool:
        """Give a refused orphan its status, or fail it; return False if it remains refused.

        Raises:
            psycopg.Error: The connection is lost.
        """
        told = f"The database refused to store how the attempt ended: {refusal.reason}"
        kept = None if refusal.wanted is JobStatus.SUCCEEDED else told
        ends = ((refusal.wanted, kept), (JobStatus.FAILED, told))
        for (status, error), orphans in product(ends, self._ways):
            try:
                is_settled = orphans.settle_refused(conn, refusal.job, status, error)
            except Error as refused:
                _raise_if_lost(conn, refused)
                if is_temporary(refused):
                    return False
                reason = refusal_reason(refused)
            else:
                if is_settled:
                    self._log_bare(refusal.job, reason if orphans is not self._full else "")
                    return True
                reason = ""
        return False

    def find(
        self, conn: Connection[Any], *, limit: int, skipped: Collection[UUID]
    ) -> Sequence[UUID]:
        """Return the orphans that `rescue` would take."""
        return self._full.find(conn, limit=limit, skipped=skipped)

    def find_refused(
        self, conn: Connection[Any], *, limit: int, skipped: Collection[UUID]
    ) -> list[Refusal]:
        """Return orphans that have ended, and whose completion the database refuses."""
        return self._full.find_refused(conn, limit=limit, skipped=skipped)

    def _log_bare(self, job: UUID, reason: str) -> None:
        """Log that an orphan ended without what belongs to its end; no reason: it did not."""
        if reason:
            log.error(
                "%s: job %s of a dead worker was requeued or has failed without its report and the "
                "record of its attempt, which the database refused: %s",
                self._name,
                job,
                reason,
            )


def is_temporary(error: Error) -> bool:
    """Return whether the error says nothing about the row."""
    return is_locked(error) or is_conflict(error) or is_outage(error)


def _raise_if_lost(conn: Connection[Any], error: Error) -> None:
    if is_lost(conn, error):
        raise error
