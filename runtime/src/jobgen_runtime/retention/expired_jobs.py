"""The statements that find and delete the expired jobs of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.queue.endings import Endings
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.retention.scan import IdRange
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether this session may delete jobs of the table, and the database's time."""

    is_locked: bool
    now: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A row that was read, and whether its job has ended for longer than it is kept."""

    id: UUID
    has_expired: bool


class ExpiredJobs:
    """The ended jobs of one table that are not kept any longer.

    Every method raises psycopg.Error if its statement fails.
    """

    def __init__(
        self,
        table: Table,
        *,
        keep: timedelta | None,
        keep_failed: timedelta | None,
        keeps_attempts: bool = False,
    ) -> None:
        """Prepare the statements.

        Args:
            table: The job table.
            keep: For how long succeeded jobs are kept; None: forever.
            keep_failed: For how long failed jobs are kept; None: forever.
            keeps_attempts: Whether their attempts are recorded, and deleted with them.
        """
        self._names = Names(table, Endings(keeps_attempts=keeps_attempts))
        self._ages = {"keep": keep, "keep_failed": keep_failed}

    def take_turn(self, conn: Connection[Any], *, owns_session: bool) -> Turn:
        """Try to become the one session that deletes jobs of the table, until it is closed.

        Args:
            conn: The connection.
            owns_session: Whether it has its session to itself. If not, the lock is not kept.
        """
        [turn] = execute_with_timeouts(
            conn,
            self._names.fill("lock_retention"),
            class_row(Turn),
            {"owns_session": owns_session},
        )
        return turn

    def find(self, conn: Connection[Any], ids: IdRange, *, limit: int) -> list[FoundJob]:
        """Return the first rows of a range of ids, `limit` at most, in order."""
        parameters = {"after": ids.after, "until": ids.until, "limit": limit, **self._ages}
        query = self._names.fill("find_expired")
        return execute_with_timeouts(conn, query, class_row(FoundJob), parameters)

    def delete(self, conn: Connection[Any], ids: Sequence[UUID]) -> int:
        """Delete those of the jobs that have still expired and are not locked; count them."""
        query = self._names.fill("delete_expired")
        parameters = {"ids": list(ids), **self._ages}
        [deleted] = execute_with_timeouts(conn, query, scalar_row, parameters)
        return int(deleted)
