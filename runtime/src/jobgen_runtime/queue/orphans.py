"""Orphans: running jobs whose worker is gone; over the heartbeat's synchronous connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import BaseRowFactory, scalar_row, tuple_row

from jobgen_runtime.contract.outcomes import CANCELLED
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.sessions import STATEMENT_SECONDS, execute_with_timeouts
from jobgen_runtime.queue.endings import NO_ENDINGS, Endings
from jobgen_runtime.queue.refusals import Refusal
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.queue.suspects import DEATH_ERRORS
from jobgen_runtime.table import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RescueResult:
    """What a rescue did.

    Attributes:
        changed: The rows that it changed.
        failed: Those of them that have failed permanently; the others were requeued.
        unchanged: The rows that it could not change, although no statement failed.
    """

    changed: set[UUID]
    failed: set[UUID]
    unchanged: set[UUID]


class Orphans:
    """The rows of one job table whose worker is not registered any more.

    Every method raises psycopg.Error if its statement fails.
    """

    def __init__(
        self,
        table: Table,
        endings: Endings = NO_ENDINGS,
        *,
        statement_seconds: float = STATEMENT_SECONDS,
    ) -> None:
        """Prepare statements that may take `statement_seconds` each."""
        self._names = Names(table, endings)
        self._seconds = statement_seconds

    def rescue(
        self,
        conn: Connection[Any],
        max_attempts: int,
        *,
        limit: int,
        ids: Sequence[UUID] | None = None,
        skipped: Collection[UUID] = (),
    ) -> RescueResult:
        """Requeue orphans; those without an attempt left, or that were cancelled, fail instead.

        Args:
            conn: The connection.
            max_attempts: The limit of the kind of job.
            limit: The most rows to take.
            ids: The rows to take; None for any.
            skipped: The rows to leave alone.
        """
        return self._rescue(conn, max_attempts, DEATH_ERRORS, limit=limit, ids=ids, skipped=skipped)

    def fail(self, conn: Connection[Any], job: UUID, error: str) -> bool:
        """Fail an orphan; return False if a trigger kept it from changing."""
        return not self._rescue(conn, 0, [error], limit=1, ids=[job], skipped=()).unchanged

    def find(
        self, conn: Connection[Any], *, limit: int, skipped: Collection[UUID]
    ) -> Sequence[UUID]:
        """Return the orphans that `rescue` would take."""
        parameters = {"limit": limit, "skipped": list(skipped)}
        return self._execute(conn, "orphan_ids", scalar_row, parameters)

    def find_refused(
        self, conn: Connection[Any], *, limit: int, skipped: Collection[UUID]
    ) -> list[Refusal]:
        """Return orphans that have ended, and whose completion the database refuses."""
        parameters = {"limit": limit, "skipped": list(skipped)}
        rows = self._execute(conn, "refused_orphans", tuple_row, parameters)
        return [Refusal(job, JobStatus(wanted), reason) for job, wanted, reason in rows]

    def settle_refused(
        self, conn: Connection[Any], job: UUID, status: JobStatus, error: str | None
    ) -> bool:
        """Give a refused orphan its status; return False if that changed nothing.

        `error`: its last error; None keeps the one that it has.
        """
        parameters = {"id": job, "status": status.value, "error": error}
        return bool(self._execute(conn, "settle_refused", scalar_row, parameters))

    def _rescue(
        self,
        conn: Connection[Any],
        max_attempts: int,
        errors: list[str],
        *,
        limit: int,
        ids: Sequence[UUID] | None,
        skipped: Collection[UUID],
    ) -> RescueResult:
        parameters = {
            "max_attempts": max_attempts,
            "errors": errors,
            "cancelled": CANCELLED,
            "limit": limit,
            "ids": None if ids is None else list(ids),
            "skipped": list(skipped),
        }
        rows = self._execute(conn, "rescue", tuple_row, parameters)
        changed = {job for job, is_changed, _ in rows if is_changed}
        failed = {job for job, _, has_failed in rows if has_failed}
        return RescueResult(changed, failed, {job for job, _, _ in rows} - changed)

    def _execute(
        self,
        conn: Connection[Any],
        name: Name,
        rows: BaseRowFactory[T],
        parameters: Mapping[str, object],
    ) -> list[T]:
        query = self._names.fill(name)
        return execute_with_timeouts(conn, query, rows, parameters, seconds=self._seconds)
