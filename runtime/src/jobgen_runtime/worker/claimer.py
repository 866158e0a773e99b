"""Claims for each lane what is due, and plans when the lane claims next."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import FeatureNotSupported, LockNotAvailable

from jobgen_runtime.database.links import Link
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.worker.claim import Taken, claim
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.outlook import Outlook
from jobgen_runtime.worker.quarantine import Quarantine
from jobgen_runtime.worker.waits import GLANCE, LULL, TROUBLE, TURN

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]


class Claimer:
    """Over the worker's one connection, one statement after another.

    `look_every`: the seconds from one look to the next, whatever happens. `take` is called with
    what a claim has brought, `nudge` where there is something to do at once.
    """

    def __init__(
        self,
        lanes: Lanes,
        probes: Probes,
        link: Link,
        listener: Listener,
        *,
        look_every: Callable[[], float],
        take: Callable[[Lane, list[Claim], UUID], None],
        nudge: Callable[[], None],
    ) -> None:
        self.quarantine = Quarantine(lanes)
        self.outlook = Outlook(lanes, probes, look_every, self._suspect)
        self._lanes = lanes
        self._link = link
        self._listener = listener
        self._look_every = look_every
        self._take = take
        self._nudge = nudge
        self._loop = asyncio.get_running_loop()

    async def claim(self, conn: Conn, identity: UUID) -> bool:
        """For every lane that has room; False: none may, beside a suspect.

        Raises psycopg.Error where the connection broke.
        """
        if self.quarantine.lane and not await self._may_start(conn, identity, self.quarantine.lane):
            return False
        for lane in self._lanes:
            room = lane.room()
            if room and lane.plan.claim_at() <= self._loop.time():
                await self._claim(conn, identity, lane, room)
        return True

    def next_at(self) -> float:
        """When there is something to claim or to ask, by the loop's clock."""
        claims = (lane.plan.claim_at() for lane in self._lanes if lane.room())
        return min(self.outlook.ask_at, *claims, math.inf)

    def is_busy(self) -> bool:
        """Whether more is due, as far as is known: a claim brought all that it asked for."""
        return any(lane.plan.due_at == -math.inf for lane in self._lanes)

    async def _may_start(self, conn: Conn, identity: UUID, lane: Lane) -> bool:
        """Whether lanes may claim beside the suspect of this one, which is claimed in its turn."""
        quarantine, now = self.quarantine, self._loop.time()
        if quarantine.waits(now):
            return False
        if not quarantine.started:
            taken = await self._claim_from(lane, conn, identity, 1, suspect=True)
            if taken and taken.claims:
                quarantine.start(now)
                return False
            if taken:
                self._wait_for_slot(lane, taken)
        quarantine.end()
        for other in self._lanes:
            if other.plan.full_until <= now:
                other.plan.wake()
        self._nudge()
        return True

    async def _claim(self, conn: Conn, identity: UUID, lane: Lane, room: int) -> None:
        taken = await self._claim_from(lane, conn, identity, room)
        if taken is None:
            return
        lane.plan.streak = lane.plan.streak + 1 if taken.more else 0
        if taken.more:
            lane.plan.wake()
            if lane.plan.streak > 1:
                # There is more, and that it is claimed needs nobody to say so.
                lane.plan.attended = False
                await self._listener.neglect([lane.queue.table.sql_name])
        elif self._wait_for_slot(lane, taken):
            if not lane.plan.attended:
                self.outlook.lull()
        elif not lane.plan.attended and self._loop.time() < lane.plan.brought_at + LULL:
            lane.plan.due_at = min(lane.plan.due_at, self._loop.time() + GLANCE)
        else:
            self.outlook.lull()

    async def _claim_from(
        self, lane: Lane, conn: Conn, identity: UUID, room: int, *, suspect: bool = False
    ) -> Taken | None:
        """Claims, and starts what that brings; None where the database has an error for it."""
        # Before the statement: what wakes the lane while it runs must not be lost.
        lane.plan.due_at = math.inf
        try:
            taken = await claim(lane, conn, identity, room, suspect=suspect)
        except LockNotAvailable:
            lane.shut()
            return None
        except Error as error:
            if isinstance(error, FeatureNotSupported):
                # A column's type has changed under a prepared statement: anew, without any.
                await self._link.close()
            if is_lost(conn, error):
                raise
            lane.plan.due_at = self._loop.time() + TROUBLE
            lane.complain(str(error).strip())
            return None
        lane.complain(None)
        self._take(lane, taken.claims, identity)
        if taken.claims:
            lane.plan.brought_at, lane.plan.missed = self._loop.time(), False
        return taken

    def _wait_for_slot(self, lane: Lane, taken: Taken) -> bool:
        """Whether it is other workers that let this one claim no more now."""
        now = self._loop.time()
        if taken.busy:
            lane.plan.due_at = min(lane.plan.due_at, now + TURN * random.uniform(0.5, 1.5))  # noqa: S311 -- spreads load
        elif taken.full and lane.plan.due_at == math.inf:
            # Not if it was woken meanwhile: a slot may be free since.
            lane.plan.due_at = lane.plan.full_until = now + self._look_every()
        return taken.busy or taken.full

    def _suspect(self, lane: Lane) -> None:
        if self.quarantine.lane is None:
            self.quarantine.begin(lane, self._loop.time())
            self._nudge()
