"""When the next rows are due, and who wakes the worker until then."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Probes
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.waits import LOCKED_ELSEWHERE, LULL, UNSETTLED, UNWOKEN


class Outlook:
    """Asked in a lull. From then on the worker may sleep: it has said that it is to be woken, and
    looked after that.

    `look_every`: the seconds from one look to the next even so. `suspect` is called with a lane
    whose first row must run alone.
    """

    def __init__(
        self,
        lanes: Lanes,
        probes: Probes,
        look_every: Callable[[], float],
        suspect: Callable[[Lane], None],
    ) -> None:
        self.ask_at = -math.inf
        """When it is worth asking, by the loop's clock."""
        self._lanes = lanes
        self._probes = probes
        self._look_every = look_every
        self._suspect = suspect
        self._unsettled = UNSETTLED
        self._loop = asyncio.get_running_loop()

    def lull(self) -> None:
        """Nothing was due just now."""
        self.ask_at = min(self.ask_at, self._loop.time() + LULL)

    async def ask(self, conn: AsyncConnection[Any], listener: Listener | None) -> bool:
        """Finds out when each table's next row is due; whether nothing is due now.

        `listener`: None where nothing wakes. Raises psycopg.Error where the connection broke.
        """
        settled = listener is None or await self._attend(listener)
        shut = self._lanes.shut_out()
        for place, lane in enumerate(self._lanes):
            # What was woken since its last claim stays so.
            if lane.plan.due_at > self._loop.time() and place not in shut:
                lane.plan.due_at = math.inf
        answers, locked = await self._probes.next_due(conn, shut)
        now = self._loop.time()
        for place in locked:
            self._lanes[place].shut()
        for due in answers:
            if due.seconds is not None:
                self._expect(self._lanes[due.place], due.seconds, now, suspect=due.suspect)
        self._unsettled = UNSETTLED if settled else min(2 * self._unsettled, UNWOKEN)
        self.ask_at = now + (self._look_every() if settled else self._unsettled)
        nothing_due = all(due.seconds is None or due.seconds > 0 for due in answers)
        return nothing_due and not shut | locked

    async def _attend(self, listener: Listener) -> bool:
        """Whether each change wakes from now on; False: but for one that is under way."""
        idle = [lane for lane in self._lanes if lane.plan.due_at > self._loop.time()]
        unsettled = await listener.attend([lane.queue.table.sql_name for lane in idle])
        for lane in idle:
            if not lane.plan.attended and lane.plan.full_until > self._loop.time():
                lane.plan.wake()  # A slot may have been freed before anyone would have said so.
            lane.plan.attended = True
        return not unsettled

    def _expect(self, lane: Lane, seconds: float, now: float, *, suspect: bool) -> None:
        """Its first waiting row is due in so many seconds."""
        if lane.plan.full_until > now:
            lane.plan.due_at = min(lane.plan.due_at, lane.plan.full_until)
        elif suspect and seconds <= 0:
            self._suspect(lane)
        elif seconds <= 0 and lane.plan.missed:
            lane.plan.due_at = min(lane.plan.due_at, now + LOCKED_ELSEWHERE)
        else:
            lane.plan.due_at = min(lane.plan.due_at, now + seconds)
            lane.plan.missed = seconds <= 0
