"""The state machine of a job's row: every arrow that a worker may take, and nothing else.

    not_started ──claim──> running ──succeed──> succeeded
                            │  ├─ retry ───> retry
                            │  ├─ postpone > retry                           (not counted)
     retry ──claim──────────┘  ├─ end ─────> failed, timed_out
                               ├─ put_back, reconcile ─> not_started, retry   (not counted)
                               └─ rescue ──> retry, failed          (its worker died)
     not_started, retry ──resolve─> failed      (it was to be cancelled while it ran)

Each arrow is one statement of its own name in `sql/`. All but `claim`, `rescue` and `resolve` are
fenced: they change a row only while this worker's claim of it still holds, and return the claims
that did not. The database's clock alone decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Connection, sql
from psycopg.rows import scalar_row

from jobgen_runtime.contract import CANCELLED, JobStatus
from jobgen_runtime.database.sessions import patiently
from jobgen_runtime.queue.claims import START, Claim, Position, read_claims
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.record import JobRecord

Conn = AsyncConnection[Any]
Changed = set[UUID]
Lost = list[Claim]
"""The claims that did not hold any more, whose rows were left as they are."""

KEPT = 100
"""A cursor is kept for the next claim, for what it has looked up, unless its last result, which it
keeps too, has so many rows."""

_NOTHING: Mapping[str, Any] = {}


class JobQueue:
    """The rows of one job's table."""

    def __init__(self, record: type[JobRecord]) -> None:
        self.record = record
        self.table = record.__table__
        self._names = Names(self.table)
        self._make = record.__row_maker__()
        self._claims: AsyncCursor[JobRecord] | None = None

    def claim(
        self, conn: Conn, worker: UUID, limit: int, after: Position = START
    ) -> Awaitable[list[Claim]]:
        """Takes up to `limit` due rows in order from `after` on, but none that must run alone."""
        parameters = {"limit": limit, "after_run_at": after.run_at, "after_id": after.id}
        return self._claim(conn, "claim", worker, parameters)

    def claim_alone(self, conn: Conn, worker: UUID) -> Awaitable[list[Claim]]:
        """Takes the first due row whose last worker died, which must run alone."""
        return self._claim(conn, "claim_alone", worker, {})

    def claim_strict(self, conn: Conn, worker: UUID) -> Awaitable[list[Claim]]:
        """Takes the first row of a kind whose order is strict, if it is due."""
        return self._claim(conn, "claim_strict", worker, {})

    async def lock(self, conn: Conn) -> bool:
        """Whether this transaction alone may claim from now on; False: another one does."""
        return bool(await self._ask(conn, "lock_kind"))

    async def count_running(self, conn: Conn) -> int:
        """How many run, on whichever workers."""
        return int(await self._ask(conn, "count_running"))

    async def announce(self, conn: Conn) -> None:
        """Wakes all workers of this kind: a slot is free."""
        await self._ask(conn, "announce")

    def announce_plainly(self, conn: Connection[Any]) -> None:
        """`announce` for a heartbeat's plain connection."""
        patiently(conn, self._names.fill("announce"), scalar_row)

    async def succeed(self, conn: Conn, claims: Sequence[Claim]) -> Lost:
        """Their `perform` returned."""
        return await self._write(conn, "succeed", claims)

    def success(self) -> bytes:
        """`succeed` as a statement, for the job's own transaction."""
        return self._names.fill("succeed")

    async def retry(
        self,
        conn: Conn,
        claims: Sequence[Claim],
        errors: Sequence[str],
        delays: Sequence[timedelta],
    ) -> Lost:
        """They are due again after their delays."""
        more = {"errors": list(errors), "delays": list(delays)}
        return await self._write(conn, "retry", claims, more)

    async def end(
        self,
        conn: Conn,
        claims: Sequence[Claim],
        errors: Sequence[str],
        status: Literal[JobStatus.FAILED, JobStatus.TIMED_OUT],
    ) -> Lost:
        """They are not tried again."""
        query = self._names.fill("end", status=sql.Literal(status.value))
        return await self._write(conn, query, claims, {"errors": list(errors)})

    async def postpone(
        self, conn: Conn, claims: Sequence[Claim], delays: Sequence[timedelta]
    ) -> Lost:
        """They asked for another time: due after their delays, the attempt does not count."""
        return await self._write(conn, "postpone", claims, {"delays": list(delays)})

    async def put_back(self, conn: Conn, claims: Sequence[Claim]) -> Lost:
        """They were not run, or ended because the worker had to: the attempt does not count."""
        return await self._write(conn, "put_back", claims)

    async def reconcile(
        self, conn: Conn, worker: UUID, held: Iterable[Claim], *, until: str
    ) -> Changed:
        """Puts back what the table says this worker claimed up to `until`, beside `held`.

        `until` is a locked_at that was read before. Must not run while a claim is under way.
        """
        parameters = {"worker": worker, "held": _ids(held), "until": until}
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill("reconcile"), parameters)
            return set(await cursor.fetchall())

    async def resolve(self, conn: Conn) -> Changed:
        """Ends what waits and is to be cancelled, and drops the requests whose job has ended."""
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill("resolve"), {"error": CANCELLED})
            return set(await cursor.fetchall())

    def rescue(self, conn: Connection[Any], max_attempts: int, error: str) -> Changed:
        """Puts back the rows of workers that are gone, for a heartbeat's plain connection.

        What was to be cancelled ends instead.
        """
        parameters = {"max_attempts": max_attempts, "error": error, "cancelled": CANCELLED}
        return set(patiently(conn, self._names.fill("rescue"), scalar_row, parameters))

    async def locked(self, conn: Conn, claims: Sequence[Claim]) -> Changed:
        """Which of their rows other sessions have locked just now.

        Raises psycopg.errors.LockNotAvailable where it is the table.
        """
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill("locked"), {"ids": _ids(claims)})
            return set(await cursor.fetchall())

    async def _claim(
        self, conn: Conn, name: Name, worker: UUID, parameters: dict[str, Any]
    ) -> list[Claim]:
        cursor = self._claims
        if cursor is None or cursor.connection is not conn:
            cursor = AsyncCursor(conn, row_factory=lambda _cursor: self._make)
        self._claims = None
        await cursor.execute(self._names.fill(name), {"worker": worker, **parameters})
        claims = await read_claims(cursor, self._make, self.table.columns, worker)
        if len(claims) < KEPT:
            self._claims = cursor
        return claims

    async def _ask(self, conn: Conn, name: Name) -> Any:
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill(name))
            return await cursor.fetchone()

    async def _write(
        self,
        conn: Conn,
        name: Name | bytes,
        claims: Sequence[Claim],
        more: Mapping[str, Any] = _NOTHING,
    ) -> Lost:
        query = name if isinstance(name, bytes) else self._names.fill(name)
        # All that a worker holds, it holds under one name: with that it loses all of it.
        worker = claims[0].fence.worker
        moments = {claim.fence.locked_at for claim in claims}
        fence = {"worker": worker, "ids": _ids(claims), "locked_at": list(moments)}
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(query, {**fence, **more})
            if cursor.rowcount == len(claims):
                return []
            changed = set(await cursor.fetchall())
            return [claim for claim in claims if claim.id not in changed]


def _ids(claims: Iterable[Claim]) -> str:
    """A Postgres array: a list of UUIDs would be quoted one by one."""
    return f"{{{','.join([claim.key for claim in claims])}}}"
