"""Write the schedules of job classes to `job_schedules`, and correct computed ticks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from jobgen_runtime.queue.schedules import Schedules
from jobgen_runtime.schedule import InvalidSchedule
from jobgen_runtime.schedule.definitions import Definition
from jobgen_runtime.schedule.expressions import describe_rule, read_schedule
from jobgen_runtime.schedule.ticks import corrected_tick

log = logging.getLogger("jobgen.worker")

CORRECTED_AT_ONCE = 100
"""Schedules that are read by one statement, and computed before other work has its turn."""

Conn = AsyncConnection[Any]


class ScheduleDefinitions:
    """The schedules of one job class."""

    def __init__(self, schedules: Schedules, defined: Mapping[str, Definition]) -> None:
        self.defined = defined
        self._schedules = schedules
        self._reported: set[str] = set()

    async def write(self, conn: Conn, worker: UUID, *, is_start: bool) -> None:
        """Write what the code defines, and delete what no worker's code defines any more.

        Raises:
            psycopg.Error: The database failed.
        """
        table = self._schedules.table.qualified_name
        for definition in self.defined.values():
            is_new = await self._schedules.define(conn, definition, worker, is_start=is_start)
            if is_new:
                log.info(
                    "added the schedule %r of %s: %s",
                    definition.name,
                    table,
                    describe_rule(definition.expression, definition.timezone),
                )
        for name in await self._schedules.delete_undefined(conn, self.defined):
            log.info("deleted the schedule %r of %s: its code is gone", name, table)
        if self.defined:
            for name in await self._schedules.taken_names(conn, self.defined):
                self._report_taken(name)

    async def correct_ticks(self, conn: Conn) -> None:
        """Compute the next ticks again, after the rules of time zones or the clock have changed.

        Raises:
            psycopg.Error: The database failed.
        """
        after, ticks = "", None
        while ticks is None or len(ticks) == CORRECTED_AT_ONCE:
            ticks = await self._schedules.computed_ticks(conn, after=after, limit=CORRECTED_AT_ONCE)
            for tick in ticks:
                after = tick.name
                try:
                    schedule = read_schedule(tick.expression, tick.timezone)
                except InvalidSchedule:
                    continue
                corrected = corrected_tick(schedule, tick.next_at, tick.now)
                if corrected is not None:
                    await self._schedules.correct(conn, tick, corrected)
            await asyncio.sleep(0)

    def _report_taken(self, name: str) -> None:
        if name not in self._reported:
            self._reported.add(name)
            log.warning(
                "the schedule %r of %s in the code is not used: an operator has added one of that "
                "name. Remove it (`manage-jobs schedule remove`), or rename one of them.",
                name,
                self._schedules.table.qualified_name,
            )
