"""Completions: write how attempts have ended, many rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.rows import scalar_row

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.adapters import OwnAsyncCursor
from jobgen_runtime.queue.attempts import attempt_parameters
from jobgen_runtime.queue.claims import Claim
from jobgen_runtime.queue.endings import NO_ENDINGS, Endings
from jobgen_runtime.queue.id_array import array_of_ids
from jobgen_runtime.queue.refusals import refusal_reason
from jobgen_runtime.queue.row_errors import is_conflict, is_locked, is_outage
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.table import Table, quote_text

Conn = AsyncConnection[Any]

_NO_PARAMETERS: Mapping[str, Any] = {}
_FAILURES = {
    JobStatus.FAILED: AttemptOutcome.FAILED,
    JobStatus.TIMED_OUT: AttemptOutcome.TIMED_OUT,
}


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

    def __init__(
        self, table: Table, endings: Endings = NO_ENDINGS, *, may_leave_out: bool = False
    ) -> None:
        """Prepare the completions of a table.

        Args:
            table: The job table.
            endings: What is written together with the ends.
            may_leave_out: Whether ends are written without it if the database refuses it. It then
                is a statement after theirs, in one transaction.
        """
        self._endings = endings
        self._names = Names(table, NO_ENDINGS if may_leave_out else endings)
        self._separate = Names(table, endings) if may_leave_out and endings else None
        self.left_out: str | None = None
        """Why the latest completion has left out what belongs to it; None if it has not."""

    async def succeed(self, conn: Conn, claims: Sequence[Claim]) -> Unwritten | None:
        """Complete jobs whose `perform` returned."""
        return await self._complete(conn, "succeed", claims, outcome=AttemptOutcome.SUCCEEDED)

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
        return await self._complete(conn, "retry", claims, parameters, AttemptOutcome.FAILED)

    async def fail(
        self,
        conn: Conn,
        claims: Sequence[Claim],
        errors: Sequence[str],
        status: Literal[JobStatus.FAILED, JobStatus.TIMED_OUT],
        unreported: Iterable[Claim] = (),
    ) -> Unwritten | None:
        """Complete jobs that are not tried again, with a final status.

        `unreported`: those of `claims` whose failure `on_failed` does not report.
        """
        query = self._names.fill("fail", status=quote_text(status.value))
        parameters: dict[str, object] = {"errors": list(errors)}
        if self._endings.report is not None:
            parameters["unreported"] = array_of_ids(unreported)
        return await self._complete(conn, query, claims, parameters, _FAILURES[status])

    async def snooze(
        self, conn: Conn, claims: Sequence[Claim], delays: Sequence[timedelta]
    ) -> Unwritten | None:
        """Make jobs that raised `Snooze` due after their delays; the attempt does not count."""
        parameters = {"delays": list(delays)}
        return await self._complete(conn, "snooze", claims, parameters, AttemptOutcome.SNOOZED)

    async def release(
        self, conn: Conn, claims: Sequence[Claim], suspects: Iterable[Claim] = ()
    ) -> Unwritten | None:
        """Release jobs that never started or were interrupted; the attempt does not count.

        `suspects`: those of `claims` that remain suspects.
        """
        parameters = {"suspects": array_of_ids(suspects)}
        return await self._complete(conn, "release", claims, parameters, AttemptOutcome.INTERRUPTED)

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
        outcome: AttemptOutcome = AttemptOutcome.FAILED,
    ) -> Unwritten | None:
        query = name if isinstance(name, bytes) else self._names.fill(name)
        # All claims that a worker holds were made under one id: losing it loses all of them.
        worker = claims[0].fence.worker if claims else None
        moments = {claim.fence.locked_at for claim in claims}
        fence = {"worker": worker, "ids": array_of_ids(claims), "locked_at": list(moments)}
        if self._endings.keeps_attempts:
            parameters = {**parameters, **attempt_parameters(claims, outcome, parameters)}
        parameters = {**fence, **parameters}
        if self._separate is None:
            return await self._write(conn, query, claims, parameters)
        self.left_out = None
        async with conn.transaction():
            unwritten = await self._write(conn, query, claims, parameters)
            left = {*unwritten.lost, *unwritten.suppressed} if unwritten else set()
            written = array_of_ids(claim for claim in claims if claim not in left)
            parameters = {"unreported": array_of_ids(()), **parameters, "ids": written}
            try:
                async with conn.transaction(), OwnAsyncCursor(conn) as cursor:
                    await cursor.execute(self._separate.fill("write_endings"), parameters)
            except Error as error:
                if conn.closed or is_locked(error) or is_conflict(error) or is_outage(error):
                    raise
                self.left_out = refusal_reason(error)
        return unwritten

    async def _write(
        self, conn: Conn, query: bytes, claims: Sequence[Claim], parameters: Mapping[str, Any]
    ) -> Unwritten | None:
        async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
            await cursor.execute(query, parameters)
            ids = await cursor.fetchone()
            if ids is None:
                return None
            changed = set(ids)
            unchanged = [claim for claim in claims if claim.id not in changed]
            await cursor.execute(
                self._names.fill("still_claimed"), {**parameters, "ids": array_of_ids(unchanged)}
            )
            held = set(await cursor.fetchall())
        return Unwritten(
            [claim for claim in unchanged if claim.id not in held],
            [claim for claim in unchanged if claim.id in held],
        )
