"""Cancel running jobs at an operator's request."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract.outcomes import CANCELLED_BY_OPERATOR
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")

CANCEL_NOTIFICATION = "cancel"
"""The payload of a notification about a new request, where others name a table."""


class Cancellations:
    """Read the requests, and pass each to the lane that holds its job.

    A request stands until its job has ended. So requests are read again when one of their jobs has
    been completed, or has been claimed by this worker. Any worker that finds a request resolved, or
    its job waiting, applies it.
    """

    def __init__(self, lanes: Lanes, probes: Probes) -> None:
        self._lanes = lanes
        self._probes = probes
        self._is_requested = False
        self._known: list[tuple[Lane, int, Claim | None]] = []
        """For each request of the last read: the lane, the job's key, and the claim held at that
        time."""

    def request(self) -> None:
        """Read the requests at the next tick: there may be new ones."""
        self._is_requested = True

    def are_due(self) -> bool:
        """Return whether there is a reason to read the requests."""
        return self._is_requested or any(
            lane.claims.by_key.get(key) is not claim for lane, key, claim in self._known
        )

    async def apply(self, conn: AsyncConnection[Any], worker: UUID) -> None:
        """Read the requests and carry them out.

        Raises:
            psycopg.Error: The connection broke.
        """
        self._is_requested, self._known = False, []
        requests, locked = await self._probes.cancellations(conn, worker)
        unresolved: dict[str, Lane] = {}
        for request in requests:
            lane = self._lanes[request.table]
            claim = lane.claims.by_key.get(request.job.int)
            self._known.append((lane, request.job.int, claim))
            if claim is not None:
                cancel_job(lane, request.job)
            elif request.is_mine or not request.is_running:
                # Its job has ended since, perhaps while the requests were read.
                unresolved[request.table] = lane
        resolved = [await _apply_to_waiting(conn, lane) for lane in unresolved.values()]
        # A locked table is read again at the next tick, whenever that is.
        self._is_requested |= bool(locked) or not all(resolved)


def cancel_job(lane: Lane, job: UUID) -> bool:
    """Cancel a job; return False if the lane does not hold it, or it has ended.

    The row fails once the work has really ended, unless it still succeeds by then.
    """
    claims = lane.claims
    claim = claims.by_key.get(job.int)
    if claim is None or claim in claims.completions:
        return False
    if claim in claims.running:
        claims.running[claim].cancel()
    else:
        claims.withdraw(claim)
        lane.end([claim], CANCELLED_BY_OPERATOR)
    return True


async def _apply_to_waiting(conn: AsyncConnection[Any], lane: Lane) -> bool:
    """Fail waiting jobs that were to be cancelled; return False if the table is locked."""
    try:
        cancelled = await lane.queue.apply_cancellations(conn)
    except LockNotAvailable:
        return False
    except Error as error:
        if is_lost(conn, error):
            raise
        log.warning("cannot apply cancellations of %s: %s", lane.name, str(error).strip())
        return True
    for job in cancelled:
        log.info("%s %s was cancelled before it could start again", lane.name, job)
    return True
