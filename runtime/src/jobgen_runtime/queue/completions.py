"""Completions: write how attempts have ended, many rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.adapters import OwnAsyncCursor
from jobgen_runtime.queue.claims import Claim
from jobgen_runtime.queue.id_array import array_of_ids
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.table import Table, quote_text

Conn = AsyncConnection[Any]

_NO_PARAMETERS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Unwritten:
    """The claims whose rows a completion left unchanged.

    `lost`: claims that no longer held. `suppressed`: claims that still hold; a trigger or a row
    security policy suppressed the change.
    """

    lost: list[Claim]
    suppressed: list[Claim]


class Completions:
    """The completions of one job table.

    Each method changes the rows of the claims that still hold. It returns None if those were all,
    and raises psycopg.Error if its statement fails.
    """

    def __init__(self, table: Table) -> None:
        self._names = Names(table)

    async def succeed(self, conn: Conn, claims: Sequence[Claim]) -> Unwritten | None:
        """Complete jobs whose `perform` returned."""
        return await self._complete(conn, "succeed", claims)

    async def retry(
        self,
        conn: Conn,
        claims: Sequence[Claim],
        errors: Sequence[str],
        delays: Sequence[timedelta],
        suspects: Sequence[bool] = (),
    ) -> Unwritten | None:
        """Make failed jobs due again after their delays.

        `suspects`: for each of them, whether it remains a suspect; none does without it.
        """
        parameters = {
            "errors": list(errors),
            "delays": list(delays),
            "are_suspects": list(suspects),
        }
        return await self._complete(conn, "retry", claims, parameters)

    async def fail(
        self,
        conn: Conn,
        claims: Sequence[Claim],
        errors: Sequence[str],
        status: Literal[JobStatus.FAILED, JobStatus.TIMED_OUT],
    ) -> Unwritten | None:
        """Complete jobs that are not tried again, with a final status."""
        query = self._names.fill("fail", status=quote_text(status.value))
        return await self._complete(conn, query, claims, {"errors": list(errors)})

    async def snooze(
        self, conn: Conn, claims: Sequence[Claim], delays: Sequence[timedelta]
    ) -> Unwritten | None:
        """Make jobs that raised `Snooze` due after their delays; the attempt does not count."""
        return await self._complete(conn, "snooze", claims, {"delays": list(delays)})

    async def release(
        self, conn: Conn, claims: Sequence[Claim], suspects: Iterable[Claim] = ()
    ) -> Unwritten | None:
        """Release jobs that never started or were interrupted; the attempt does not count.

        `suspects`: those of `claims` that remain suspects.
        """
        return await self._complete(conn, "release", claims, {"suspects": array_of_ids(suspects)})

    async def locked_rows(self, conn: Conn, claims: Sequence[Claim]) -> set[UUID]:
        """Return the ids of those rows that other sessions have locked at this moment.

        Raises:
            psycopg.errors.LockNotAvailable: The whole table is locked.
        """
        async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(self._names.fill("locked_rows"), {"ids": array_of_ids(claims)})
            return set(await cursor.fetchall())

    async def _complete(
        self,
        conn: Conn,
        name: Name | bytes,
        claims: Sequence[Claim],
        parameters: Mapping[str, Any] = _NO_PARAMETERS,
    ) -> Unwritten | None:
        query = name if isinstance(name, bytes) else self._names.fill(name)
        # All claims that a worker holds were made under one id: losing it loses all of them.
        worker = claims[0].fence.worker if claims else None
        moments = {claim.fence.locked_at for claim in claims}
        fence = {"worker": worker, "ids": array_of_ids(claims), "locked_at": list(moments)}
        async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(query, {**fence, **parameters})
            ids = await cursor.fetchone()
            if ids is None:
                return None
            changed = set(ids)
            unchanged = [claim for claim in claims if claim.id not in changed]
            await cursor.execute(
                self._names.fill("still_claimed"), {**fence, "ids": array_of_ids(unchanged)}
            )
            held = set(await cursor.fetchall())
        return Unwritten(
            [claim for claim in unchanged if claim.id not in held],
            [claim for claim in unchanged if claim.id in held],
        )
