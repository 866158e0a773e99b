"""The scheduler: the third loop of a worker, which inserts the jobs of schedules.

It has its own connection, only while the worker's tables have schedules, and sleeps until the first
one is due. All workers do so; each tick is run by one of them, which locks the schedule's row.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import InsufficientPrivilege

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.queue.row_errors import is_conflict, is_locked
from jobgen_runtime.queue.schedules import Schedules, fetch_forecast, has_schedules
from jobgen_runtime.record import JobRecord
from jobgen_runtime.schedule.definitions import definitions_of
from jobgen_runtime.worker.define_schedules import ScheduleDefinitions
from jobgen_runtime.worker.tick import Ticker

log = logging.getLogger("jobgen.worker")

SCHEDULES_NOTIFICATION = "schedules"
"""The payload that announces a change in `job_schedules`."""

DEFINE_AGAIN_SECONDS = 300.0
"""Between two polls whether a dead worker has left another definition."""

LOCKED_SECONDS = 0.5
"""Before another look at a schedule that another worker has locked: it runs the tick."""

LONGEST_RETRY_SECONDS = 30.0

CLOCK_JUMP_SECONDS = 30.0
"""By which the database's clock may differ from what has passed before ticks are computed again."""

Conn = AsyncConnection[Any]


class Scheduler:
    """Run the schedules of a worker's tables. All methods run on the event loop."""

    def __init__(
        self, jobs: Sequence[type[Job[Any]]], connection: WorkerConnection, *, poll: float
    ) -> None:
        """Prepare to run the schedules.

        Args:
            jobs: The worker's job classes.
            connection: The scheduler's connection, which it opens if there are schedules.
            poll: Seconds between two polls, at most, while there are schedules.
        """
        records = {job: job.record for job in jobs}
        self._tables = {
            record.__table__.sql_name: Schedules(record.__table__)
            for record in records.values()
            if issubclass(record, JobRecord)
        }
        self._tickers = {name: Ticker(each) for name, each in self._tables.items()}
        self._definitions = [
            ScheduleDefinitions(self._tables[record.__table__.sql_name], definitions_of(job))
            for job, record in records.items()
            if issubclass(record, JobRecord)
        ]
        self._has_own = any(each.defined for each in self._definitions)
        self._connection = connection
        self._poll_seconds = poll
        self._worker: UUID | None = None
        self._is_enabled = True
        self._is_start = True
        self._active = asyncio.Event()
        """Set while there may be schedules."""
        self._changed = asyncio.Event()
        self._poll_at = -inf
        self._define_at = -inf
        self._clocks: tuple[float, float] | None = None
        self._retry_seconds = LOCKED_SECONDS
        self._logged = ""
        self._loop = asyncio.get_running_loop()

    def disable(self) -> None:
        """Run no schedules: the worker only drains its tables, or shuts down."""
        self._is_enabled = False
        self._active.clear()
        self._changed.set()

    def on_lease_acquired(self, worker: UUID) -> None:
        """Run schedules as this worker."""
        self._worker = worker
        self._define_at = -inf
        if self._has_own and self._is_enabled:
            self._active.set()
        self.on_change()

    def on_lease_lost(self) -> None:
        """Run no schedules until there is another lease."""
        self._worker = None
        self._connection.abort()

    def on_change(self) -> None:
        """Note that a schedule may have been added or changed."""
        self._poll_at = -inf
        self._changed.set()

    def must_poll(self) -> bool:
        """Return whether to call `poll`: schedules may have appeared."""
        return self._is_enabled and not self._active.is_set() and self._loop.time() >= self._poll_at

    async def poll(self, conn: Conn, *, is_woken: bool) -> None:
        """Become active if there are schedules.

        Args:
            conn: The worker's connection.
            is_woken: Whether the database notifies the worker of changes.

        Raises:
            psycopg.Error: The connection broke.
        """
        tables = [each.table for each in self._tables.values()]
        self._poll_at = inf if is_woken else self._loop.time() + self._poll_seconds
        try:
            found = await has_schedules(conn, tables)
        except InsufficientPrivilege:
            # A role without that right is fine if there are no schedules.
            self._report_missing_right()
            return
        except Error as error:
            # Jobs must not wait for that.
            if is_lost(conn, error):
                raise
            self._poll_at = self._loop.time() + self._retry_after(error)
            return
        if found and self._is_enabled:
            self._active.set()

    async def run(self) -> None:
        """Run schedules until cancelled, through every outage of the database."""
        while True:
            await self._active.wait()
            self._changed.clear()
            wait = self._poll_seconds
            if self._worker is not None:
                wait = await self._run_due(self._worker)
            if not self._active.is_set():
                await self._connection.close()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(min(wait, self._poll_seconds)):
                    await self._changed.wait()

    async def _run_due(self, worker: UUID) -> float:
        """Run what is due; return the seconds until the next tick."""
        conn: Conn | None = None
        try:
            conn = await self._connection.connection()
            if self._loop.time() >= self._define_at:
                await self._define(conn, worker)
            wait = await self._tick_all(conn)
        except (Error, OSError) as error:
            if conn is not None and is_lost(conn, error):
                await self._connection.close()
            return self._retry_after(error)
        self._retry_seconds, self._logged = LOCKED_SECONDS, ""
        return wait

    def _report_missing_right(self) -> None:
        reason = "the role may not read job_schedules"
        if self._logged != reason:
            self._logged = reason
            log.info("schedules are not run: %s", reason)

    def _retry_after(self, error: Exception) -> float:
        reason = str(error).strip() or repr(error)
        if reason != self._logged:
            self._logged = reason
            log.warning("schedules: the database failed: %s", reason)
        self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)
        return self._retry_seconds

    async def _define(self, conn: Conn, worker: UUID) -> None:
        for each in self._definitions:
            await each.write(conn, worker, is_start=self._is_start)
            if self._is_start:
                await each.correct_ticks(conn)
        self._is_start = False
        self._define_at = self._loop.time() + DEFINE_AGAIN_SECONDS

    async def _tick_all(self, conn: Conn) -> float:
        forecast = await fetch_forecast(conn, [each.table for each in self._tables.values()])
        if not forecast.seconds:
            self._clocks = None
            if not self._has_own and not self._changed.is_set():
                # A change that is not seen here is notified, and then looked for.
                self._active.clear()
            return inf
        await self._check_clock(conn, forecast.now)
        has_ticked = False
        for name, seconds in forecast.seconds.items():
            if seconds is not None and seconds <= 0:
                has_ticked |= await self._run_ticks(conn, self._tickers[name])
        if has_ticked:
            return 0.0
        wait: float = min(
            (each for each in forecast.seconds.values() if each is not None), default=inf
        )
        # What is due still is locked by another worker, which runs its tick.
        return wait if wait > 0 else LOCKED_SECONDS

    async def _run_ticks(self, conn: Conn, ticker: Ticker) -> bool:
        """Run all due ticks of one table; return whether there were any."""
        has_ticked = False
        try:
            while self._is_enabled and await ticker.tick(conn):
                has_ticked = True
        except Error as error:
            # A lock on one table must not hold up the schedules of others.
            if conn.closed or not (is_locked(error) or is_conflict(error)):
                raise
            log.debug("a tick waits: %s", str(error).strip())
        return has_ticked

    async def _check_clock(self, conn: Conn, now: float) -> None:
        """Compute the ticks again if the database's clock was set."""
        previous, self._clocks = self._clocks, (now, self._loop.time())
        if previous is not None:
            passed = self._clocks[1] - previous[1]
            if abs(now - previous[0] - passed) > CLOCK_JUMP_SECONDS:
                for each in self._definitions:
                    await each.correct_ticks(conn)
