"""Delete the expired jobs of one table, one short statement after another."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import refusal_reason
from jobgen_runtime.queue.row_errors import halves, is_conflict, is_locked, is_outage
from jobgen_runtime.retention.expired_jobs import ExpiredJobs
from jobgen_runtime.retention.scan import IdRange, Scan
from jobgen_runtime.table import Table

log = logging.getLogger("jobgen.worker")

FIRST_BATCH_ROWS = 100
LARGEST_BATCH_ROWS = 1000
BATCH_SECONDS = 0.05
"""How long a step is to take: batches grow or shrink accordingly."""

RETRY_SECONDS = 60.0
"""Before a table is tried again that is locked, or whose statements fail."""

LOG_SECONDS = 600.0
"""Between two lines that say how many jobs were deleted, at least."""


@dataclass(frozen=True, slots=True)
class RetentionTarget:
    """A job table whose old jobs are deleted, and for how long each kind of end is kept."""

    name: str
    table: Table
    keep: timedelta | None
    keep_failed: timedelta | None
    keeps_attempts: bool = False
    """Whether the attempts of the jobs are recorded, and are to be deleted with these."""


class TableRetention:
    """Delete the expired jobs of one table.

    Attributes:
        due_at: When the next step is due, by `contract.clock`.
        holds_lock: Whether this session is the one that deletes jobs of the table.
    """

    def __init__(self, target: RetentionTarget, *, due_at: float) -> None:
        """Prepare to look after a table; the first step is due at `due_at`."""
        self._name = target.name
        self._jobs = ExpiredJobs(
            target.table,
            keep=target.keep,
            keep_failed=target.keep_failed,
            keeps_attempts=target.keeps_attempts,
        )
        self._shortest = min(filter(None, (target.keep, target.keep_failed)))
        self._scan = Scan(self._shortest)
        self.due_at = due_at
        self.holds_lock = False
        self._ranges: list[IdRange] = []
        """What is left of the search; the last one is read next."""
        self._parts: list[Sequence[UUID]] = []
        """Expired jobs to delete; the last part is deleted next."""
        self._size = FIRST_BATCH_ROWS
        self._deleted = 0
        self._logged_at = -math.inf
        self._refused_reason = ""
        self._failure = ""

    @property
    def interval(self) -> float:
        """Seconds between two searches."""
        return self._scan.interval

    def forget_session(self) -> None:
        """Note that the session has ended, and with it the lock."""
        self.holds_lock = False

    def step(self, conn: Connection[Any], *, owns_session: bool) -> None:
        """Run one or two short statements, and set when the next step is due.

        Args:
            conn: The connection.
            owns_session: Whether it has its session to itself.

        Raises:
            psycopg.Error: The connection is lost.
        """
        started = self.due_at = now()
        try:
            if self._take_turn(conn, owns_session=owns_session):
                self._delete_part(conn) if self._parts else self._read(conn)
        except Error as error:
            self._size = max(self._size // 2, 1)
            self.due_at = now() + RETRY_SECONDS
            if is_lost(conn, error):
                raise
            self._report_failure(refusal_reason(error))
        else:
            self._failure = ""
            fitting = int(self._size * BATCH_SECONDS / max(now() - started, 1e-6))
            self._size = min(max(fitting, self._size // 2, 1), 2 * self._size, LARGEST_BATCH_ROWS)

    def log_deleted(self) -> None:
        """Log how many jobs were deleted since the last such line, if any."""
        if self._deleted:
            jobs = "1 job" if self._deleted == 1 else f"{self._deleted:,} jobs"
            text = "%s: deleted %s that had ended more than %s ago"
            log.info(text, self._name, jobs, duration_text(self._shortest))
        self._deleted, self._logged_at = 0, now()

    def _take_turn(self, conn: Connection[Any], *, owns_session: bool) -> bool:
        """Return whether to go on with the search; begin one if there is none."""
        # After a new session, another one may have the table.
        if (self._ranges or self._parts) and (self.holds_lock or not owns_session):
            return True
        turn = self._jobs.take_turn(conn, owns_session=owns_session)
        self.holds_lock = turn.is_locked and owns_session
        if not turn.is_locked:
            self.due_at = now() + self.interval
            return False
        if not self._ranges and not self._parts:
            self._ranges = list(reversed(self._scan.next_ranges(turn.now)))
        return True

    def _read(self, conn: Connection[Any]) -> None:
        ids, limit = self._ranges[-1], self._size
        found = self._jobs.find(conn, ids, limit=limit)
        self._ranges.pop()
        if len(found) == limit:
            self._ranges.append(IdRange(found[-1].id, ids.until))
        expired = [job.id for job in found if job.has_expired]
        if expired:
            self._parts.append(expired)
        self._end_search()

    def _delete_part(self, conn: Connection[Any]) -> None:
        part = self._parts[-1]
        try:
            deleted = self._jobs.delete(conn, part)
        except Error as error:
            if is_lost(conn, error) or is_locked(error) or is_outage(error):
                raise
            # Raises if the statement is refused whatever the rows are.
            self._jobs.delete(conn, [])
            self._parts.pop()
            if len(part) > 1:
                self._parts += halves(part)
            elif not is_conflict(error):
                self._report_refused(part[0], refusal_reason(error))
        else:
            self._parts.pop()
            self._deleted += deleted
        self._end_search()

    def _end_search(self) -> None:
        if self._ranges or self._parts:
            return
        self.due_at = now() + self.interval
        if self._deleted and now() - self._logged_at >= LOG_SECONDS:
            self.log_deleted()

    def _report_refused(self, job: UUID, reason: str) -> None:
        """Log why a job cannot be deleted: once for each reason in a row, not for each job."""
        # The texts of two rows differ in their keys alone.
        first_line = reason.partition("\n")[0]
        level = logging.DEBUG if first_line == self._refused_reason else logging.WARNING
        self._refused_reason = first_line
        log.log(
            level,
            "%s: the database refuses to delete the old job %s, and perhaps others: %s; "
            "trying again from time to time",
            self._name,
            job,
            reason,
        )

    def _report_failure(self, reason: str) -> None:
        level = logging.DEBUG if reason == self._failure else logging.WARNING
        self._failure = reason
        log.log(
            level,
            "%s: old jobs cannot be deleted: %s; trying again every %g s",
            self._name,
            reason,
            RETRY_SECONDS,
        )
