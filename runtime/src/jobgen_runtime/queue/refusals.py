"""Jobs whose next transition the database refuses: the rows of `job_refusals`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Connection, Error
from psycopg.errors import UniqueViolation
from psycopg.rows import scalar_row

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.server_errors import is_raised_by_user_code
from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.table import Table

MAX_REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A job that cannot get the status `wanted`, and why.

    `wanted` is RUNNING if the job cannot start. Otherwise its attempt has ended, and `perform` must
    not be called again.
    """

    job: UUID
    wanted: JobStatus
    reason: str


class Refusals:
    """The refusals of one job table.

    Every method raises psycopg.Error if its statement fails.
    """

    def __init__(self, table: Table) -> None:
        self._names = Names(table)

    async def record(self, conn: AsyncConnection[Any], refusals: Sequence[Refusal]) -> None:
        """Record refusals for operators and other workers; a known job gets the new reason."""
        await self._execute(conn, "record_refusals", _parameters(refusals))

    def record_sync(self, conn: Connection[Any], refusals: Sequence[Refusal]) -> None:
        """Record refusals over the heartbeat's synchronous connection."""
        query = self._names.fill("record_refusals")
        execute_with_timeouts(conn, query, scalar_row, _parameters(refusals))

    async def resolve(self, conn: AsyncConnection[Any], jobs: Iterable[UUID]) -> None:
        """Delete the refusals of jobs whose transition has succeeded."""
        await self._execute(conn, "resolve_refusals", {"ids": list(jobs)})

    def resolve_sync(self, conn: Connection[Any], jobs: Iterable[UUID]) -> None:
        """Delete refusals over the heartbeat's synchronous connection."""
        query = self._names.fill("resolve_refusals")
        execute_with_timeouts(conn, query, scalar_row, {"ids": list(jobs)})

    async def count_ends(self, conn: AsyncConnection[Any]) -> int:
        """Return how many jobs, of any worker, have ended and cannot get their status."""
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill("count_refused_ends"), {})
            return int(await cursor.fetchone() or 0)

    async def delete_outdated(self, conn: AsyncConnection[Any]) -> None:
        """Delete the refusals of jobs that something else has changed since."""
        await self._execute(conn, "delete_outdated_refusals", {})

    async def _execute(
        self, conn: AsyncConnection[Any], name: str, parameters: Mapping[str, object]
    ) -> None:
        async with AsyncCursor(conn) as cursor:
            await cursor.execute(self._names.fill(name), parameters)


def refusal_reason(error: Error) -> str:
    """Return in one line, without the row's values, why the database refused a statement.

    For logs and `job_refusals`. Errors of an operator's own command use `server_reason`, which adds
    the detail.
    """
    reason = error.diag.message_primary or next(iter(str(error).strip().splitlines()), "")
    if isinstance(error, UniqueViolation) and not is_raised_by_user_code(error):
        reason += " (there is another such job, and the unique index allows one)"
    return (" ".join(reason.split()) or type(error).__name__)[:MAX_REASON_CHARACTERS]


def _parameters(refusals: Sequence[Refusal]) -> Mapping[str, object]:
    return {
        "ids": [refusal.job for refusal in refusals],
        "wanted": [refusal.wanted.value for refusal in refusals],
        "reasons": [refusal.reason for refusal in refusals],
    }
