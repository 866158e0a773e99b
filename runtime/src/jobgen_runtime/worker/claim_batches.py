"""Claim one batch for a lane, within its global limit and around the jobs that are refused."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.report_refused_claims import note_claimed, note_refused

Conn = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of one claim, and why it has no more rows.

    `more_due`: more may be due that could be claimed at once. `limit_reached`: the kind's global
    limit is reached. `contended`: another worker was claiming the kind. `is_slow`: each try took
    long, so other kinds come first.
    """

    claims: list[Claim]
    more_due: bool = False
    limit_reached: bool = False
    contended: bool = False
    is_slow: bool = False


async def claim_batch(lane: Lane, conn: Conn, worker: UUID, limit: int, *, deaths: int) -> Batch:
    """Claim jobs of a lane in one statement, as many as its global_concurrency leaves free."""
    if lane.job.global_concurrency is None:
        claims = await _claim(lane, conn, worker, limit, deaths=deaths)
        if not deaths:
            is_full = len(claims) == limit
            lane.prefetch.record_claim(len(claims), lane.queue.row_bytes, is_full=is_full)
        batch = Batch(claims, more_due=deaths > 0 or lane.cursor.advance(claims, limit))
    else:
        # Counting and claiming are separate statements after the lock: each sees what was committed
        # before it began.
        async with conn.transaction():
            free = await _free_slots(lane, conn)
            if isinstance(free, Batch):
                return free
            claims = await _claim(lane, conn, worker, min(limit, free), deaths=deaths)
        batch = Batch(claims, more_due=len(claims) == limit, limit_reached=len(claims) == free)
    if lane.refused_claims:
        await note_claimed(lane, conn, claims)
        if not batch.more_due and not batch.limit_reached and not lane.job.strict_order:
            lane.refused_claims.forget_trials()
        elif deaths and not claims:
            lane.refused_claims.forget_trials(suspect=True)
    return batch


async def narrow_batch(
    lane: Lane,
    conn: Conn,
    worker: UUID,
    limit: int,
    *,
    deaths: int,
    may_be_locked: bool,
    may_be_hidden: bool,
) -> Batch:
    """Claim the jobs of a batch that the database lets this worker claim, and note the others.

    Args:
        lane: The lane, which has room for them.
        conn: The worker's connection.
        worker: The worker's id.
        limit: The most to claim.
        deaths: 0, or how many workers in a row have died with the suspects to claim.
        may_be_locked: Whether another session may have locked the table.
        may_be_hidden: Whether row security may hide due rows from an UPDATE.

    Raises:
        psycopg.Error: The database refuses every claim, or the connection broke.
    """
    strict, limited = lane.job.strict_order, lane.job.global_concurrency is not None
    # Few rows: these are not measured.
    asked = 1 if strict else min(limit, lane.slots)
    async with conn.transaction():
        if limited:
            free = await _free_slots(lane, conn)
            if isinstance(free, Batch):
                return free
            asked = min(asked, free)
        narrowed = await lane.narrowing.claim(
            conn,
            worker,
            asked,
            refused=lane.refused_claims.excluded,
            strict=strict,
            deaths=deaths,
            may_be_locked=may_be_locked,
            may_be_hidden=may_be_hidden,
        )
    lane.cursor.restart()
    if not deaths:
        lane.prefetch.record_claim(len(narrowed.claims), narrowed.row_bytes, is_full=False)
    if lane.refused_claims:
        await note_claimed(lane, conn, narrowed.claims)
    await note_refused(lane, conn, narrowed.refused, is_suspect=deaths > 0)
    all_seen = narrowed.all_tried and narrowed.locked < asked
    if deaths or not strict:
        if all_seen:
            lane.refused_claims.forget_trials(suspect=deaths > 0)
    elif not narrowed.locked:
        lane.refused_claims.forget_trials()
    more_due = not all_seen and not lane.refused_claims.is_full()
    if more_due and narrowed.refused:
        lane.schedule.narrow_next_claim()
    return Batch(
        narrowed.claims,
        more_due=more_due,
        limit_reached=limited and len(narrowed.claims) == free,
        is_slow=narrowed.is_slow,
    )


async def _free_slots(lane: Lane, conn: Conn) -> int | Batch:
    """Return how many jobs of a limited kind may start; a batch without claims if none may."""
    if not await lane.queue.lock_kind(conn):
        return Batch([], contended=True)
    free = (lane.job.global_concurrency or 0) - await lane.queue.count_running(conn)
    return free if free > 0 else Batch([], limit_reached=True)


def _claim(
    lane: Lane, conn: Conn, worker: UUID, limit: int, *, deaths: int
) -> Awaitable[list[Claim]]:
    refused = lane.refused_claims.excluded
    if deaths:
        return lane.queue.claim_suspects(conn, worker, limit, deaths, refused)
    if lane.job.strict_order:
        return lane.queue.claim_strict(conn, worker, refused)
    max_bytes = lane.prefetch.max_bytes(limit)
    lane.cursor.claim_started()
    return lane.queue.claim(conn, worker, limit, lane.cursor.after, refused, max_bytes=max_bytes)
