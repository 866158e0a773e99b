"""Ends what operators have asked to cancel."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error

from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.worker.lane import Lane

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]

NOTICE = "cancel"
"""What a notification says in place of a table's name: there is a new request."""


class Cancellations:
    """Reads the requests when told to, and hands each to the lane that holds the job.

    A request stands until its job has ended. So it is read once more when that has been written,
    and whoever finds it over, or the job put back before its worker knew, resolves it.
    """

    def __init__(self, lanes: Sequence[Lane], probes: Probes) -> None:
        self._lanes = lanes
        self._probes = probes
        self._asked = False
        self._ending: list[tuple[Lane, Claim]] = []

    def ask(self) -> None:
        """There may be new requests."""
        self._asked = True

    async def look(self, conn: Conn, worker: UUID) -> None:
        """Reads them if there is a reason to. Raises psycopg.Error where the connection broke."""
        if not self._asked and all(
            lane.held.get(claim.key) is claim for lane, claim in self._ending
        ):
            return
        self._asked = False
        self._ending = []
        over: dict[int, Lane] = {}
        for request in await self._probes.cancellations(conn, worker):
            lane = self._lanes[request.place]
            if not request.runs:
                over[request.place] = lane
            elif request.mine and (claim := lane.held.get(request.job.hex)):
                lane.cancel(request.job)
                self._ending.append((lane, claim))
        for lane in over.values():
            await _resolve(conn, lane)


async def _resolve(conn: Conn, lane: Lane) -> None:
    try:
        ended = await lane.queue.resolve(conn)
    except Error as error:
        if conn.closed:
            raise
        log.warning("%s: requests to cancel stay open: %s", lane.name, str(error).strip())
        return
    for job in ended:
        log.info("%s %s was cancelled before it could start again", lane.name, job)
