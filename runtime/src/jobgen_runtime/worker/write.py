"""Writes how a lane's claims ended, in batches."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection, Error

from jobgen_runtime.contract import End, JobStatus, Postpone, PutBack, Retry, Succeed
from jobgen_runtime.worker.lane import Ended, Lane

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]


async def write(lane: Lane, conn: Conn, worker: UUID) -> bool:
    """Writes all that has ended: one statement for each way it did. False: some is left.

    Where the database refuses a batch, each of its rows is written by itself, so that one whose
    error text or trigger it does not like holds up no other. Raises psycopg.Error if the
    connection broke; what was not written then stays with the lane.
    """
    complete = True
    for batch in _batches(lane.unwritten()):
        try:
            await _write(lane, conn, worker, batch)
        except Error:
            if conn.closed:
                raise
            for end in batch:
                complete &= await _write_alone(lane, conn, worker, end)
    if lane.freed:
        await _announce(lane, conn)
    return complete


async def _announce(lane: Lane, conn: Conn) -> None:
    """Tells all workers that one more job of the kind may run."""
    lane.freed = False
    lane.wake()
    try:
        await lane.queue.announce(conn)
    except Error:
        # They look again after their poll interval.
        if conn.closed:
            raise


async def _write_alone(lane: Lane, conn: Conn, worker: UUID, end: Ended) -> bool:
    try:
        await _write(lane, conn, worker, [_in_ascii(end)])
    except Error as error:
        if conn.closed:
            raise
        reason = str(error).strip()
        log.error("%s %s cannot be written: %s", lane.name, end.claim.id, reason)  # noqa: TRY400 -- says all
        return False
    return True


async def _write(lane: Lane, conn: Conn, worker: UUID, batch: list[Ended]) -> None:
    claims = [end.claim for end in batch]
    match batch[0].transition:
        case Succeed():
            changed = await lane.queue.succeed(conn, worker, claims)
        case PutBack():
            changed = await lane.queue.put_back(conn, worker, claims)
        case Postpone():
            changed = await lane.queue.postpone(conn, worker, claims, _delays(batch))
        case Retry():
            errors, delays = _errors(batch), _delays(batch)
            changed = await lane.queue.retry(conn, worker, claims, errors, delays)
        case End(status, _):
            changed = await lane.queue.end(conn, worker, claims, _errors(batch), status)
    lane.written(claims)
    for claim in claims:
        if claim.id not in changed:
            # Also so where an earlier answer to this statement was lost, or the row is deleted.
            log.warning("%s %s was not this worker's any more when it ended", lane.name, claim.id)


_Kind = tuple[type[object], Literal[JobStatus.FAILED, JobStatus.TIMED_OUT] | None]


def _batches(ended: list[Ended]) -> list[list[Ended]]:
    batches: dict[_Kind, list[Ended]] = defaultdict(list)
    for end in ended:
        transition = end.transition
        status = transition.status if isinstance(transition, End) else None
        batches[type(transition), status].append(end)
    return list(batches.values())


def _errors(batch: list[Ended]) -> list[str]:
    return [e.transition.error for e in batch if isinstance(e.transition, Retry | End)]


def _delays(batch: list[Ended]) -> list[Any]:
    return [e.transition.delay for e in batch if isinstance(e.transition, Retry | Postpone)]


def _in_ascii(end: Ended) -> Ended:
    """With an error text that a database of any encoding takes."""
    if not isinstance(end.transition, Retry | End):
        return end
    plain = end.transition.error.encode("ascii", "backslashreplace").decode("ascii")
    return Ended(end.claim, replace(end.transition, error=plain))
