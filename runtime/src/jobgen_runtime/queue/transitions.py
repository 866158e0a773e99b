"""The state machine of a job's row: every arrow that a worker may take, and nothing else.

    not_started ──claim──> running ──succeed──> succeeded
                            │  ├─ retry ───> retry
                            │  ├─ postpone > retry                           (not counted)
     retry ──claim──────────┘  ├─ end ─────> failed, timed_out
                               ├─ put_back, reconcile ─> not_started, retry   (not counted)
                               └─ rescue ──> retry, failed          (its worker died)

Each arrow is one statement of its own name in `sql/`. All but `claim` and `rescue` are fenced: they
change a row only while this worker's claim of it still holds, and return the ids of the rows that
they changed. The database's clock alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Connection, sql
from psycopg.rows import scalar_row

from jobgen_runtime.contract import JobStatus
from jobgen_runtime.database.sessions import patiently
from jobgen_runtime.queue.claims import Claim, read_claims
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.record import JobRecord

Conn = AsyncConnection[Any]
Changed = set[UUID]


class JobQueue:
    """The rows of one job's table."""

    def __init__(self, record: type[JobRecord]) -> None:
        self.record = record
        self.table = record.__table__
        self._names = Names(self.table)
        self._make = record.__row_maker__()

    async def claim(self, conn: Conn, worker: UUID, limit: int) -> list[Claim]:
        """Takes up to `limit` due rows in order, but none that must run alone."""
        return await self._claim(conn, "claim", {"worker": worker, "limit": limit})

    async def claim_alone(self, conn: Conn, worker: UUID) -> list[Claim]:
        """Takes the first due row whose last worker died, which must run alone."""
        return await self._claim(conn, "claim_alone", {"worker": worker})

    async def claim_strict(self, conn: Conn, worker: UUID) -> list[Claim]:
        """Takes the first row of a kind whose order is strict, if it is due."""
        return await self._claim(conn, "claim_strict", {"worker": worker})

    async def lock(self, conn: Conn) -> bool:
        """Whether this transaction alone may claim from now on; False: another one does."""
        return bool(await self._ask(conn, "lock_kind"))

    async def count_running(self, conn: Conn) -> int:
        """How many run, on whichever workers."""
        return int(await self._ask(conn, "count_running"))

    async def announce(self, conn: Conn) -> None:
        """Wakes all workers of this kind: a slot is free."""
        await self._ask(conn, "announce")

    async def succeed(self, conn: Conn, worker: UUID, claims: Sequence[Claim]) -> Changed:
        """Their `perform` returned."""
        return await self._write(conn, "succeed", _fence(worker, claims))

    def success(self, worker: UUID, claim: Claim) -> tuple[bytes, dict[str, Any]]:
        """`succeed` as a statement and its parameters, for the job's own transaction."""
        return self._names.fill("succeed"), _fence(worker, [claim])

    async def retry(
        self,
        conn: Conn,
        worker: UUID,
        claims: Sequence[Claim],
        errors: Sequence[str],
        delays: Sequence[timedelta],
    ) -> Changed:
        """They are due again after their delays."""
        more = {"errors": list(errors), "delays": list(delays)}
        return await self._write(conn, "retry", _fence(worker, claims) | more)

    async def end(
        self,
        conn: Conn,
        worker: UUID,
        claims: Sequence[Claim],
        errors: Sequence[str],
        status: Literal[JobStatus.FAILED, JobStatus.TIMED_OUT],
    ) -> Changed:
        """They are not tried again."""
        query = self._names.fill("end", status=sql.Literal(status.value))
        return await self._write(conn, query, _fence(worker, claims) | {"errors": list(errors)})

    async def postpone(
        self, conn: Conn, worker: UUID, claims: Sequence[Claim], delays: Sequence[timedelta]
    ) -> Changed:
        """They asked for another time: due after their delays, the attempt does not count."""
        return await self._write(
            conn, "postpone", _fence(worker, claims) | {"delays": list(delays)}
        )

    async def put_back(self, conn: Conn, worker: UUID, claims: Sequence[Claim]) -> Changed:
        """They were not run, or ended because the worker had to: the attempt does not count."""
        return await self._write(conn, "put_back", _fence(worker, claims))

    async def reconcile(
        self, conn: Conn, worker: UUID, held: Sequence[UUID], *, until: str
    ) -> Changed:
        """Puts back what the table says this worker claimed up to `until`, beside `held`.

        `until` is a locked_at that was read before. Must not run while a claim is under way.
        """
        parameters = {"worker": worker, "held": list(held), "until": until}
        return await self._write(conn, "reconcile", parameters)

    def rescue(self, conn: Connection[Any], max_attempts: int, error: str) -> Changed:
        """Puts back the rows of workers that are gone, for a heartbeat's plain connection."""
        parameters = {"max_attempts": max_attempts, "error": error}
        return set(patiently(conn, self._names.fill("rescue"), scalar_row, parameters))

    async def _claim(self, conn: Conn, name: Name, parameters: dict[str, Any]) -> list[Claim]:
        async with AsyncCursor(conn, row_factory=lambda _cursor: self._make) as cursor:
            await cursor.execute(self._names.fill(name), parameters)
            return await read_claims(cursor, self._make, self.table.columns)

    async def _ask(self, conn: Conn, name: Name) -> Any:
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill(name))
            return await cursor.fetchone()

    async def _write(self, conn: Conn, name: Name | bytes, parameters: dict[str, Any]) -> Changed:
        query = name if isinstance(name, bytes) else self._names.fill(name)
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(query, parameters)
            return set(await cursor.fetchall())


def _fence(worker: UUID, claims: Sequence[Claim]) -> dict[str, Any]:
    return {
        "worker": worker,
        "ids": [claim.id for claim in claims],
        "locked_at": [claim.locked_at for claim in claims],
    }
