"""The state machine of a job's row: every transition a worker may make.

    any but running ──claim_job──> running                           (`manage-jobs run`)
    not_started ──claim──> running ──succeed──> succeeded
                            │  ├─ retry ──> retry
                            │  ├─ snooze ─> retry                             (not counted)
     retry ──claim──────────┘  ├─ fail ───> failed, timed_out
                               ├─ release ────────────> not_started, retry    (not counted)
                               └─ rescue ─> retry, failed           (the worker died)
     not_started, retry ──apply_cancellations──> failed    (cancellation requested while it ran)

Each transition is one statement of the same name in `sql/`: `JobQueue` claims, `Completions` writes
how attempts ended, and `Orphans` rescues. All but `claim`, `rescue` and `apply_cancellations` are
fenced: they change a row only while this worker's claim of it still holds, and return the claims
whose rows they left unchanged. Only the database's clock counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Connection, sql
from psycopg.rows import scalar_row, tuple_row

from jobgen_runtime.contract.context import Fence
from jobgen_runtime.contract.outcomes import CANCELLED
from jobgen_runtime.database.adapters import OwnAsyncCursor
from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.job_table.priority import ABOVE_ALL_PRIORITIES
from jobgen_runtime.queue.claims import START, Claim, ClaimCursor, Position, UnreadableRow
from jobgen_runtime.queue.completions import Completions
from jobgen_runtime.queue.endings import NO_ENDINGS, Endings
from jobgen_runtime.queue.id_array import array_of_ids
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.queue.suspects import DEATH_ERRORS, SUSPECTS_SEARCHED
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import NOT_REFUSED

Conn = AsyncConnection[Any]

MAX_CLAIMED_BYTES = 64_000_000
"""Bytes of a claim's rows, unless the caller says otherwise."""

LARGEST_CACHED_RESULT = 100
LARGEST_CACHED_BYTES = 1_000_000
"""Rows, and their bytes. A cursor is reused by the next claim, because it caches how to decode its
columns. It also keeps its last result alive, so after a larger one it is dropped."""

_AFTER_PRIORITY = sql.SQL("%(after_priority)s::INT")

_NOT_READ = UnreadableRow("The row was not read.")


class JobQueue:
    """The rows of one job table.

    Every method raises psycopg.Error if its statement fails.
    """

    def __init__(self, record: type[JobRecord], endings: Endings = NO_ENDINGS) -> None:
        self.record = record
        self.table = record.__table__
        self.endings = endings
        self.completions = Completions(self.table, endings)
        """Writes how attempts ended."""
        self.bare_completions = Completions(self.table, endings, may_leave_out=True)
        """Writes how attempts ended also if the database refuses what belongs to it."""
        self._names = Names(self.table)
        self._make = record.__row_maker__()
        self.row_bytes = 0.0
        """The bytes of a row in the mean of a few rows of the latest claim; 0 without rows."""
        self.may_be_large = True
        """Whether rows may be so large that `claim` must bound their bytes."""
        self._claim_cursor: ClaimCursor | None = None

    def claim(
        self,
        conn: Conn,
        worker: UUID,
        limit: int,
        after: Position = START,
        refused: str | None = None,
        *,
        max_bytes: int = MAX_CLAIMED_BYTES,
    ) -> Awaitable[list[Claim]]:
        """Claim up to `limit` due rows that follow `after`, in order, except suspects.

        Args:
            conn: The worker's connection.
            worker: The worker's id.
            limit: The most rows to claim.
            after: The position after which to start.
            refused: The ids to leave alone, as an array's text; None for none.
            max_bytes: How large the rows may be if `may_be_large`. The statement fails if they are
                larger.
        """
        parameters: dict[str, Any] = {
            "limit": limit,
            "after_run_at": after.run_at,
            "after_id": after.id,
            "max_bytes": max_bytes,
        }
        more: dict[str, sql.Composable] = {}
        if not self.may_be_large:
            more["may_be_large"] = sql.SQL("FALSE")
        if after.priority < ABOVE_ALL_PRIORITIES:
            more["after_priority"] = _AFTER_PRIORITY
            parameters["after_priority"] = after.priority
        return self._claim(conn, "claim", worker, parameters, refused, **more)

    def claim_suspects(
        self, conn: Conn, worker: UUID, limit: int, deaths: int, refused: str | None = None
    ) -> Awaitable[list[Claim]]:
        """Claim up to `limit` due suspects with which `deaths` workers in a row have died."""
        parameters = {
            "limit": limit,
            "deaths": deaths,
            "errors": DEATH_ERRORS,
            "searched": SUSPECTS_SEARCHED,
        }
        return self._claim(conn, "claim_suspects", worker, parameters, refused)

    def claim_strict(
        self, conn: Conn, worker: UUID, refused: str | None = None
    ) -> Awaitable[list[Claim]]:
        """Claim the first row of a kind in strict order, if it is due and not refused."""
        return self._claim(conn, "claim_strict", worker, {}, refused)

    async def claim_job(self, conn: Conn, worker: UUID, job: UUID) -> Claim | None:
        """Claim one job by its id, whether it waits or has ended; None if it runs or is gone."""
        claims = await self._claim(conn, "claim_job", worker, {"id": job}, None)
        return claims[0] if claims else None

    async def lock_kind(self, conn: Conn) -> bool:
        """Try to become the only transaction that claims this kind; return False if one is."""
        return bool(await self._fetch_value(conn, "lock_kind"))

    async def count_running(self, conn: Conn) -> int:
        """Return how many jobs of the kind run, on all workers."""
        return int(await self._fetch_value(conn, "count_running"))

    async def notify_slot_free(self, conn: Conn) -> None:
        """Wake all workers of this kind: a slot of its global_concurrency is free."""
        await self._fetch_value(conn, "notify_slot_free")

    def notify_slot_free_sync(self, conn: Connection[Any]) -> None:
        """Run `notify_slot_free` over the heartbeat's synchronous connection."""
        execute_with_timeouts(conn, self._names.fill("notify_slot_free"), scalar_row)

    async def fetch_unheld(
        self, conn: Conn, worker: UUID, held: Iterable[Claim], *, until: str, limit: int
    ) -> list[Claim]:
        """Return the rows that name this worker but are not among the claims it holds.

        No claim may be in progress.

        Args:
            conn: The worker's connection.
            worker: The worker's id.
            held: The claims that the worker does hold.
            until: A locked_at read before, as text. Rows claimed later are left out.
            limit: The most to return.
        """
        ids = array_of_ids(held)
        parameters = {"worker": worker, "held": ids, "until": until, "limit": limit}
        async with OwnAsyncCursor(conn, row_factory=tuple_row) as cursor:
            await cursor.execute(self._names.fill("unheld_rows"), parameters)
            return [
                Claim(job, job.int, Fence(worker, locked_at), attempts, _NOT_READ)
                for job, locked_at, attempts in await cursor.fetchall()
            ]

    async def apply_cancellations(self, conn: Conn) -> set[UUID]:
        """Fail waiting jobs whose cancellation was requested; delete requests that are resolved.

        Returns:
            The ids of the jobs that were cancelled.
        """
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill("apply_cancellations"), {"error": CANCELLED})
            return set(await cursor.fetchall())

    async def _claim(
        self,
        conn: Conn,
        name: Name,
        worker: UUID,
        parameters: dict[str, Any],
        refused: str | None,
        **more: sql.Composable,
    ) -> list[Claim]:
        if refused is not None:
            more["not_refused"] = NOT_REFUSED
            parameters["refused"] = refused
        query = self._names.fill(name, **more)
        cursor = self._claim_cursor
        if cursor is None or cursor.connection is not conn:
            cursor = ClaimCursor(conn, self.table.columns, self._make)
        self._claim_cursor = None
        claims = await cursor.claim(query, {"worker": worker, **parameters}, worker)
        rows = len(claims)
        self.row_bytes = cursor.mean_row_bytes()
        if rows < LARGEST_CACHED_RESULT and rows * self.row_bytes < LARGEST_CACHED_BYTES:
            self._claim_cursor = cursor
        return claims

    async def _fetch_value(self, conn: Conn, name: Name) -> Any:
        async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill(name), {})
            return await cursor.fetchone()
