"""Claim what the database lets this worker claim, where it refuses a whole batch."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Error, Rollback
from psycopg.errors import (
    DeadlockDetected,
    ExclusionViolation,
    LockNotAvailable,
    SerializationFailure,
    UniqueViolation,
)
from psycopg.rows import scalar_row

from jobgen_runtime.database.adapters import OwnAsyncCursor
from jobgen_runtime.queue.claims import START, Claim, ClaimCursor
from jobgen_runtime.queue.id_array import array_of_ids
from jobgen_runtime.queue.refusals import refusal_reason
from jobgen_runtime.queue.row_errors import is_conflict, is_locked
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.queue.suspects import DEATH_ERRORS
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import NOT_REFUSED

MAX_REFUSED_PER_PASS = 32
"""Rows that one pass finds at most: other kinds wait meanwhile."""

MAX_PASS_SECONDS = 1.0
"""No further statement begins after this, unless no row has been tried yet."""

NOT_CLAIMED = "A trigger or a row security policy suppressed the UPDATE, or changed what it wrote."
HIDDEN = "Row security lets this role read the row, but not change it."

_COLLISIONS = (DeadlockDetected, SerializationFailure)
"""The errors that the end of another transaction resolves, unless a trigger raised them itself."""

_CONFLICTS = (ExclusionViolation, LockNotAvailable, UniqueViolation)
"""The errors that the end of another job may resolve. A trigger may raise these on purpose."""

Conn = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class RefusedClaim:
    """A due row that could not be claimed, and why.

    `conflict`: set if it may well be claimed once something else has ended, as under a unique index
    over running jobs. Rows with the same text wait for the same.
    """

    job: UUID
    reason: str
    conflict: str | None = None


@dataclass(slots=True)
class Narrowed:
    """The rows that a pass claimed, and those that it could not claim.

    `all_tried`: no row of its batch is left. `row_bytes`: the bytes of a claimed row, about.
    `locked`: the rows of the batch. `is_slow`: the pass ended because it took long.
    """

    claims: list[Claim] = field(default_factory=list)
    row_bytes: float = 0
    refused: list[RefusedClaim] = field(default_factory=list)
    locked: int = 0
    all_tried: bool = True
    is_slow: bool = False


class Narrowing:
    """Claim the due rows of one table in parts, until each is claimed or known to be refused.

    No statement is prepared, so that a column whose type has changed under a prepared statement
    refuses nothing here.
    """

    def __init__(self, record: type[JobRecord]) -> None:
        self._table = record.__table__
        self._names = Names(self._table)
        self._make = record.__row_maker__()

    async def claim(
        self,
        conn: Conn,
        worker: UUID,
        limit: int,
        *,
        refused: str | None,
        strict: bool = False,
        deaths: int = 0,
        may_be_locked: bool = False,
        may_be_hidden: bool = False,
    ) -> Narrowed:
        """Claim due rows in a transaction of the caller's.

        Args:
            conn: The worker's connection, in a transaction.
            worker: The worker's id.
            limit: The most rows to claim.
            refused: The ids to leave alone, as an array's text; None for none.
            strict: Whether the kind is in strict order.
            deaths: 0, or how many workers in a row have died with the suspects to claim.
            may_be_locked: Whether another session may have locked the whole table.
            may_be_hidden: Whether row security may hide due rows from an UPDATE.

        Raises:
            psycopg.errors.LockNotAvailable: The whole table is locked.
            psycopg.Error: The database refuses the statement whatever the rows are, or the
                connection broke.
        """
        if may_be_locked:
            await self._check_table_lock(conn)
        await self._check_statement(conn, worker)
        due = {
            "deaths": deaths,
            "errors": DEATH_ERRORS,
            "limit": limit,
            "refused": refused or "{}",
        }
        name = "lock_due_strict" if strict and not deaths else "lock_due"
        ids = await self._fetch_ids(conn, name, due)
        result = await self._claim_parts(conn, worker, ids)
        result.locked = len(ids)
        if may_be_hidden and len(ids) < limit and not strict:
            hidden = await self._fetch_hidden(conn, {**due, "locked": ids})
            result.refused += [RefusedClaim(job, HIDDEN) for job in hidden]
        return result

    async def _claim_parts(self, conn: Conn, worker: UUID, ids: list[UUID]) -> Narrowed:
        loop = asyncio.get_running_loop()
        until = loop.time() + MAX_PASS_SECONDS
        result, parts = Narrowed(), deque([ids] if ids else [])
        while parts:
            result.is_slow = loop.time() > until and bool(result.refused or result.claims)
            if result.is_slow or len(result.refused) >= MAX_REFUSED_PER_PASS:
                result.all_tried = False
                break
            part = parts.popleft()
            try:
                async with conn.transaction():
                    claims, row_bytes = await self._claim_ids(conn, worker, part)
                    await self._execute(conn, "check_constraints_now", {})
                    claims = await self._still_claimed(conn, worker, claims)
                    if len(claims) < len(part):
                        raise Rollback  # The others may be running now, without a worker.
            except Error as error:
                if conn.closed:
                    raise
                if len(part) > 1 and is_locked(error):
                    parts.extendleft([job] for job in reversed(part))  # Each try takes long.
                elif len(part) > 1:
                    half = len(part) // 2
                    parts.extendleft((part[half:], part[:half]))
                else:
                    result.refused.append(_refused(part[0], error))
                continue
            if len(claims) == len(part):
                result.claims += claims
                result.row_bytes = max(result.row_bytes, row_bytes)
                continue
            claimed = {claim.id for claim in claims}
            result.refused += [RefusedClaim(job, NOT_CLAIMED) for job in part if job not in claimed]
            if claimable := [job for job in part if job in claimed]:
                parts.appendleft(claimable)
        return result

    async def _check_table_lock(self, conn: Conn) -> None:
        try:
            async with conn.transaction():
                await self._execute(conn, "lock_table_now", {})
        except LockNotAvailable:
            raise
        except Error:
            # LOCK needs rights on the whole table, where a claim needs those on columns only.
            if conn.closed:
                raise

    async def _check_statement(self, conn: Conn, worker: UUID) -> None:
        """Claim nothing, to learn whether the statement itself is refused."""
        nothing = {"limit": 0, "after_run_at": START.run_at, "after_id": START.id, "max_bytes": 0}
        await self._execute(conn, "claim", {"worker": worker, **nothing})

    async def _claim_ids(
        self, conn: Conn, worker: UUID, ids: Sequence[UUID]
    ) -> tuple[list[Claim], float]:
        """Return the claims, and the bytes of a row, about."""
        cursor = ClaimCursor(conn, self._table.columns, self._make)
        parameters = {"worker": worker, "ids": list(ids)}
        query = self._names.fill("claim_ids")
        claims = await cursor.claim(query, parameters, worker, prepare=False)
        return claims, cursor.mean_row_bytes()

    async def _still_claimed(self, conn: Conn, worker: UUID, claims: list[Claim]) -> list[Claim]:
        """Return the claims that AFTER triggers have left as they are."""
        if not claims:
            return []
        moments = {claim.fence.locked_at for claim in claims}
        fence = {"worker": worker, "ids": array_of_ids(claims), "locked_at": list(moments)}
        held = set(await self._fetch_ids(conn, "still_claimed", fence))
        return [claim for claim in claims if claim.id in held]

    async def _fetch_hidden(self, conn: Conn, parameters: dict[str, Any]) -> list[UUID]:
        limit = min(parameters["limit"], MAX_REFUSED_PER_PASS)
        try:
            async with conn.transaction():
                return await self._fetch_ids(conn, "unlockable_due", {**parameters, "limit": limit})
        except Error:
            if conn.closed:
                raise
            return []  # A view has no xmax.

    async def _fetch_ids(self, conn: Conn, name: Name, parameters: dict[str, Any]) -> list[UUID]:
        async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
            query = self._names.fill(name, not_refused=NOT_REFUSED)
            await cursor.execute(query, parameters, prepare=False)
            return await cursor.fetchall()

    async def _execute(self, conn: Conn, name: Name, parameters: dict[str, Any]) -> None:
        async with AsyncCursor(conn) as cursor:
            await cursor.execute(self._names.fill(name), parameters, prepare=False)


def _refused(job: UUID, error: Error) -> RefusedClaim:
    conflict = None
    if isinstance(error, _CONFLICTS) or (isinstance(error, _COLLISIONS) and is_conflict(error)):
        diag = error.diag
        is_key = diag.constraint_name and diag.message_detail
        what = f"{diag.constraint_name} {diag.message_detail}" if is_key else job.hex
        conflict = f"{error.sqlstate} {what}"
    return RefusedClaim(job, refusal_reason(error), conflict)
