"""Run the schedules of the jobs under test, by the clock of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from jobgen_runtime.database import connection
from jobgen_runtime.job import Job
from jobgen_runtime.queue.schedules import Advance, DueSchedule, Schedules, has_schedules
from jobgen_runtime.schedule.definitions import definitions_of
from jobgen_runtime.table import Table
from jobgen_runtime.testing.clocks import clock
from jobgen_runtime.testing.kinds import job_table
from jobgen_runtime.worker.define_schedules import ScheduleDefinitions
from jobgen_runtime.worker.tick import Ticker

Conn = AsyncConnection[Any]


class TestSchedules:
    """The schedules of some kinds of job."""

    __test__ = False

    def __init__(self, jobs: Sequence[type[Job[Any]]], worker: UUID) -> None:
        self._worker = worker
        schedules = {job: _MovedSchedules(job_table(job)) for job in jobs}
        self._tables = [each.table for each in schedules.values()]
        self._tickers = [Ticker(each) for each in schedules.values()]
        defined = {job: definitions_of(job) for job in jobs}
        self._definitions = [
            ScheduleDefinitions(schedules[job], defined[job]) for job in jobs if defined[job]
        ]

    async def define(self) -> None:
        """Write the schedules that the job classes define, as a worker does at its start."""
        if self._definitions:
            async with connection() as conn:
                for each in self._definitions:
                    await each.write(conn, self._worker, is_start=True)

    async def tick(self) -> None:
        """Insert the jobs of all schedules that are due."""
        async with connection() as conn:
            if await has_schedules(conn, self._tables):
                for each in self._tickers:
                    while await each.tick(conn):
                        pass


class _MovedSchedules(Schedules):
    """Schedules that are computed by the clock of the tests.

    The database has their times moved back by what the clock is ahead.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._ahead = clock.ahead

    async def lock_due(self, conn: Conn, *, limit: int) -> list[DueSchedule]:
        """Lock due schedules, and return them with the times of the tests' clock."""
        return [
            replace(each, due_at=self._moved(each.due_at, self._ahead), now=each.now + self._ahead)
            for each in await super().lock_due(conn, limit=limit)
        ]

    async def insert(
        self, conn: Conn, values: Sequence[str], run_at: Sequence[datetime]
    ) -> list[UUID]:
        """Insert the jobs of ticks."""
        return await super().insert(conn, values, [each - self._ahead for each in run_at])

    async def advance(self, conn: Conn, advances: Sequence[Advance]) -> None:
        """Set the next ticks of schedules."""
        moved = [
            replace(
                each,
                next_at=self._moved(each.next_at, -self._ahead),
                last_at=self._moved(each.last_at, -self._ahead),
            )
            for each in advances
        ]
        await super().advance(conn, moved)

    def _moved(self, moment: datetime | None, by: timedelta) -> datetime | None:
        return None if moment is None else moment + by
