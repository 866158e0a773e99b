"""Claims for a lane, as its options ask for it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.lane import Lane

Conn = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a claim brought, and why not more.

    `more`: there may be more, and it could be taken now. `full`: as many jobs of the kind run, over
    all workers, as may. `busy`: another worker was claiming jobs of the kind in this moment.
    """

    claims: list[Claim]
    more: bool = False
    full: bool = False
    busy: bool = False


async def claim(lane: Lane, conn: Conn, worker: UUID, room: int, *, suspect: bool = False) -> Taken:
    """Takes up to `room` jobs that are due, or one suspect. Raises psycopg.Error."""
    most = lane.job.global_concurrency
    if most is None:
        claims = await _claim(lane, conn, worker, room, suspect=suspect)
        # Before a job starts, which may change its record.
        return Taken(claims, more=suspect or lane.cursor.move(claims, room))
    # Counting and claiming are statements of their own, after the lock: each sees what was
    # committed before it began.
    async with conn.transaction():
        if not await lane.queue.lock(conn):
            return Taken([], busy=True)
        free = most - await lane.queue.count_running(conn)
        if free <= 0:
            return Taken([], full=True)
        limit = min(room, free)
        claims = await _claim(lane, conn, worker, limit, suspect=suspect)
    return Taken(claims, more=len(claims) == room, full=len(claims) == free)


def _claim(
    lane: Lane, conn: Conn, worker: UUID, limit: int, *, suspect: bool
) -> Awaitable[list[Claim]]:
    if suspect:
        return lane.queue.claim_alone(conn, worker)
    if lane.job.strict_order:
        return lane.queue.claim_strict(conn, worker)
    return lane.queue.claim(conn, worker, limit, lane.cursor.after)
