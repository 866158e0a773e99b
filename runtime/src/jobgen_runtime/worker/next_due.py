"""Ask when the next rows are due, once a worker is idle, and let changes wake it until then."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Probes, refusal_reason
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.schedule import IDLE_AFTER_SECONDS

POLL_WITHOUT_WAKEUPS = 1.0
"""Seconds between two polls, at most, where nothing wakes the worker."""

RECHECK_CHANGES_SECONDS = 0.05
"""Before the next check for a change in flight: doubled each time, up to POLL_WITHOUT_WAKEUPS."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The result of a poll.

    `nothing_due`: no table has a due row that could be claimed. `suspects`: the lanes whose first
    row is a due suspect.
    """

    nothing_due: bool
    suspects: list[Lane]


class NextDue:
    """Poll all tables for their next due row.

    Wakeups are enabled before each poll, so that the worker may sleep until the first row is due: a
    change that the poll does not see wakes it.
    """

    def __init__(self, lanes: Lanes, probes: Probes) -> None:
        self.poll_at = -math.inf
        """When to poll next, by the loop's clock."""
        self._lanes = lanes
        self._probes = probes
        self._recheck_after = RECHECK_CHANGES_SECONDS
        self._loop = asyncio.get_running_loop()

    def poll_soon(self) -> None:
        """Poll once the worker has been idle for a moment."""
        self.poll_at = min(self.poll_at, self._loop.time() + IDLE_AFTER_SECONDS)

    async def poll(
        self, conn: AsyncConnection[Any], listener: Listener | None, *, poll_interval: float
    ) -> Forecast:
        """Tell each lane when its next row is due.

        Args:
            conn: The worker's connection.
            listener: None where nothing wakes the worker.
            poll_interval: Seconds until the next poll, even if nothing wakes the worker.

        Raises:
            psycopg.Error: The connection broke.
        """
        all_changes_wake = listener is None or await self._enable_wakeups(listener)
        skipped = self._lanes.locked_tables()
        for lane in self._lanes:
            if lane.table not in skipped:
                lane.schedule.next_due_requested()
        refused = {lane.table: ids for lane in self._lanes if (ids := lane.refused_claims.excluded)}
        answers, locked = await self._probes.next_due(conn, skipped, refused)
        now = self._loop.time()
        for table in locked:
            self._lanes[table].report_locked_table()
        self._report_failures(skipped)
        suspects, nothing_due = [], not skipped | locked
        for due in answers:
            lane = self._lanes[due.table]
            is_failing = lane.schedule.is_failing()
            if due.suspect_seconds is not None:
                nothing_due &= due.suspect_seconds > 0 or is_failing
                if due.suspect_seconds > 0 or lane.schedule.is_limited():
                    lane.schedule.next_due_in(due.suspect_seconds)
                else:
                    suspects.append(lane)
            if due.seconds is not None:
                nothing_due &= due.seconds > 0 or is_failing
                lane.schedule.next_due_in(due.seconds)
        nothing_due &= not any(lane.refused_claims.has_fresh_conflicts() for lane in self._lanes)
        if all_changes_wake:
            self._recheck_after = RECHECK_CHANGES_SECONDS
            self.poll_at = now + poll_interval
        else:
            self._recheck_after = min(2 * self._recheck_after, POLL_WITHOUT_WAKEUPS)
            self.poll_at = now + self._recheck_after
        return Forecast(nothing_due, suspects)

    def _report_failures(self, skipped: Collection[str]) -> None:
        for lane in self._lanes:
            if lane.table not in skipped:
                failure = self._probes.failures.get(lane.table)
                lane.errors.report_polls(None if failure is None else refusal_reason(failure))

    async def _enable_wakeups(self, listener: Listener) -> bool:
        """Return whether every change wakes from now on: False while one is still in flight."""
        idle = [lane for lane in self._lanes if lane.schedule.due_at > self._loop.time()]
        unsettled = await listener.enable_wakeups([lane.queue.table.sql_name for lane in idle])
        for lane in idle:
            lane.schedule.wakeups_have_been_enabled()
        return not unsettled
