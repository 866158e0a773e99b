"""Ends what operators have asked to cancel."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]

NOTICE = "cancel"
"""What a notification says in place of a table's name: there is a new request."""


class Cancellations:
    """Reads the requests when told to, and hands each to the lane that holds the job.

    A request stands until its job has ended. So they are read once more when a job that one is for
    has been written, or has come to this worker. Whoever finds a request over, or its job put back
    before its worker knew, resolves it.
    """

    def __init__(self, lanes: Lanes, probes: Probes) -> None:
        self._lanes = lanes
        self._probes = probes
        self._asked = False
        self._known: list[tuple[Lane, str, Claim | None]] = []
        """The requests that were read last: the lane, the job's key, and the claim that it held."""

    def ask(self) -> None:
        """There may be new requests."""
        self._asked = True

    def are_due(self) -> bool:
        """Whether there is a reason to `look`."""
        return self._asked or any(
            lane.held.get(key) is not claim for lane, key, claim in self._known
        )

    async def look(self, conn: Conn, worker: UUID) -> None:
        """Reads them. Raises psycopg.Error where the connection broke."""
        self._asked, self._known = False, []
        requests, locked = await self._probes.cancellations(conn, worker)
        over: dict[int, Lane] = {}
        for request in requests:
            lane = self._lanes[request.place]
            claim = lane.held.get(request.job.hex)
            self._known.append((lane, request.job.hex, claim))
            if claim is not None:
                lane.cancel(request.job)
            elif request.mine or not request.runs:
                # It has ended since, in the midst of this look perhaps.
                over[request.place] = lane
        resolved = [await _resolve(conn, lane) for lane in over.values()]
        # Someone has a lock: at the next turn, whenever that is.
        self._asked |= bool(locked) or not all(resolved)


async def _resolve(conn: Conn, lane: Lane) -> bool:
    """False: it has to wait."""
    try:
        ended = await lane.queue.resolve(conn)
    except LockNotAvailable:
        return False
    except Error as error:
        if is_lost(conn, error):
            raise
        log.warning("%s: requests to cancel stay open: %s", lane.name, str(error).strip())
        return True
    for job in ended:
        log.info("%s %s was cancelled before it could start again", lane.name, job)
    return True
