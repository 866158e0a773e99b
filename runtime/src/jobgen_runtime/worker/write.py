"""Writes how a lane's claims ended, in batches."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract import (
    End,
    JobStatus,
    Postpone,
    PutBack,
    Retry,
    Succeed,
    Transition,
)
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.lane import Lane

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]
Batch = list[tuple[Claim, Transition]]
_Way = tuple[type[object], Literal[JobStatus.FAILED, JobStatus.TIMED_OUT] | None]

JOINED = 100
"""Rows of one statement that are joined to their errors and delays: without statistics, the planner
may compare each with each."""


async def write(lane: Lane, conn: Conn) -> None:
    """Writes all that has ended: one statement for each way it did.

    Where the database refuses a batch, each of its rows is written by itself, so that one whose
    error text or trigger it does not like holds up no other. What it refuses even so, or someone
    has locked, stays with the lane for later; so does everything if the connection broke, which
    raises psycopg.Error.
    """
    for batch in _batches(lane.unwritten()):
        try:
            await _write_batch(lane, conn, batch)
        except LockNotAvailable:
            lane.shut()
            break
    if lane.freed:
        await _announce(lane, conn)


async def _write_batch(lane: Lane, conn: Conn, batch: Batch) -> None:
    try:
        await _write(lane, conn, batch)
    except LockNotAvailable:
        # Raises it again if it is the whole table that is locked.
        locked = await lane.queue.locked(conn, [claim for claim, _ in batch])
        lane.ended.put_off([claim for claim, _ in batch if claim.id in locked])
        free = [(claim, end) for claim, end in batch if claim.id not in locked]
        if free:
            await _write(lane, conn, free)
    except Error as error:
        if is_lost(conn, error):
            raise
        for claim, transition in batch:
            await _write_alone(lane, conn, claim, transition)


async def _announce(lane: Lane, conn: Conn) -> None:
    """Tells all workers that one more job of the kind may run."""
    lane.freed = False
    lane.plan.wake()
    try:
        await lane.queue.announce(conn)
    except Error:
        # They look again after their poll interval.
        if conn.closed:
            raise


async def _write_alone(lane: Lane, conn: Conn, claim: Claim, transition: Transition) -> None:
    try:
        await _write(lane, conn, [(claim, _in_ascii(transition))])
    except LockNotAvailable:
        raise
    except Error as error:
        if conn.closed:
            raise
        reason = str(error).strip()
        log.error("%s %s cannot be written: %s", lane.name, claim.id, reason)  # noqa: TRY400 -- says all
        lane.ended.put_off([claim])


async def _write(lane: Lane, conn: Conn, batch: Batch) -> None:
    claims = [claim for claim, _ in batch]
    match batch[0][1]:
        case Succeed():
            lost = await lane.queue.succeed(conn, claims)
        case PutBack():
            lost = await lane.queue.put_back(conn, claims)
        case Postpone():
            lost = await lane.queue.postpone(conn, claims, _delays(batch))
        case Retry():
            errors, delays = _errors(batch), _delays(batch)
            lost = await lane.queue.retry(conn, claims, errors, delays)
        case End(status, _):
            lost = await lane.queue.end(conn, claims, _errors(batch), status)
    lane.written(claims)
    for claim in lost:
        # Also so where an earlier answer to this statement was lost, or the row is deleted.
        log.warning("%s %s was not this worker's any more when it ended", lane.name, claim.id)


def _batches(ended: Mapping[Claim, Transition]) -> Iterator[Batch]:
    """Successes all at once, others in parts: their rows are joined to their errors and delays."""
    ways: dict[_Way, Batch] = defaultdict(list)
    for claim, transition in ended.items():
        status = transition.status if isinstance(transition, End) else None
        ways[type(transition), status].append((claim, transition))
    for (way, _), batch in ways.items():
        size = len(batch) if way in (Succeed, PutBack) else JOINED
        for start in range(0, len(batch), size):
            yield batch[start : start + size]


def _errors(batch: Batch) -> list[str]:
    return [end.error for _, end in batch if isinstance(end, Retry | End)]


def _delays(batch: Batch) -> list[timedelta]:
    return [end.delay for _, end in batch if isinstance(end, Retry | Postpone)]


def _in_ascii(transition: Transition) -> Transition:
    """With an error text that a database of any encoding takes."""
    if not isinstance(transition, Retry | End):
        return transition
    plain = transition.error.encode("ascii", "backslashreplace").decode("ascii")
    return replace(transition, error=plain)
