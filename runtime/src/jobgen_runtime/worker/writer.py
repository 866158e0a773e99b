"""Writes what has ended, beside the claims: over a connection of its own, so that none waits."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable

from psycopg import Error

from jobgen_runtime.database.links import Link
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.promotions import Promotions
from jobgen_runtime.worker.waits import LOCKED_ELSEWHERE
from jobgen_runtime.worker.write import write

log = logging.getLogger("jobgen.worker")


class Writer:
    """Gathers what ends while the statement before is under way, and writes it with the next.

    `on_written` is called whenever something has come into the database.
    """

    def __init__(
        self,
        lanes: Lanes,
        link: Link,
        promotions: Promotions,
        on_written: Callable[[], None],
    ) -> None:
        self._lanes = lanes
        self._link = link
        self._promotions = promotions
        self._on_written = on_written
        self._nudged = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def nudge(self) -> None:
        """Something has ended."""
        self._nudged.set()

    def hang_up(self) -> None:
        """The answer to what is under way is not waited for; what was not answered is kept."""
        self._link.hang_up()

    async def run(self) -> None:
        """Writes until it is cancelled, through every outage of the database."""
        while True:
            await self._nudged.wait()
            conn = await self._link.connection()
            self._promotions.note(self._link.timeline)
            self._nudged.clear()
            lanes = [lane for lane in self._lanes if lane.ended or lane.freed]
            try:
                for lane in lanes:
                    await write(lane, conn)
            except (Error, OSError) as error:
                # Whether the statement was carried out is not known; its fence does no harm then.
                log.warning("the database failed: %s", str(error).strip() or repr(error))
                if is_lost(conn, error):
                    await self._link.close()
                self._later(self._loop.time() + LOCKED_ELSEWHERE)
                continue
            self._later(min((lane.write_at() for lane in lanes), default=math.inf))
            if lanes:
                self._on_written()

    def _later(self, at: float) -> None:
        """Once more at that moment, at the latest."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if at == math.inf else self._loop.call_at(at, self._nudged.set)
