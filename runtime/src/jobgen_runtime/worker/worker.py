"""The worker: fetch due jobs and run them, in one loop over one connection.

Every claim goes through this loop, one statement after another, so that a claim is either answered
or known to be lost. The same connection listens for notifications. Completions are written at the
same time by the `Completer`, over a second connection.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.executor import Deadline, start_own_task
from jobgen_runtime.job import Job
from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.worker.cancellations import CANCEL_NOTIFICATION, Cancellations
from jobgen_runtime.worker.completer import Completer
from jobgen_runtime.worker.completion_connection import CompletionConnection
from jobgen_runtime.worker.drain_tally import DrainTally
from jobgen_runtime.worker.events import WorkerEvents, WorkerObserver
from jobgen_runtime.worker.failover import FailoverGuard
from jobgen_runtime.worker.fetcher import Fetcher
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.locked_tables import check_locks, recheck_locks
from jobgen_runtime.worker.next_due import POLL_WITHOUT_WAKEUPS, NextDue
from jobgen_runtime.worker.quarantine import Quarantine
from jobgen_runtime.worker.reconcile import Reconciler
from jobgen_runtime.worker.schedule import RETRY_LOCKED_ROW_SECONDS
from jobgen_runtime.worker.scheduler import SCHEDULES_NOTIFICATION, Scheduler
from jobgen_runtime.worker.tally import Tally
from jobgen_runtime.worker.triggers import TriggerRepair
from jobgen_runtime.worker.unregistered_kinds import UnregisteredKinds

log = logging.getLogger("jobgen.worker")

POLLS_PER_CHECK = 2
"""Polls from one check for rare faults to the next: a claim whose answer was lost, a dropped
trigger, a LISTEN that fell silent."""

INSPECT_NOTIFICATION = "inspect"
"""The payload of a notification by which an operator asks all workers to log what they run."""

Conn = AsyncConnection[Any]


class Worker:
    """Process the tables of its jobs.

    It claims while it has a worker id: `on_lease_acquired` gives it one, `on_lease_lost` takes it
    away. All methods run on the event loop.
    """

    def __init__(
        self,
        jobs: Sequence[type[Job[Any]]],
        connection: WorkerConnection,
        *,
        completion_connection: WorkerConnection,
        schedule_connection: WorkerConnection,
        poll: float,
        observer: WorkerObserver,
        deadline: Deadline,
        registered: Sequence[type[Job[Any]]] = (),
    ) -> None:
        """Prepare the lanes of the job classes.

        Args:
            jobs: The job classes, one for each table.
            connection: The connection that claims and listens.
            completion_connection: The connection that writes completions.
            schedule_connection: The connection of the scheduler, if there are schedules.
            poll: Seconds between two polls even if nothing wakes the worker.
            observer: Receives ticks, problems, and the end of jobs that a lost lease left running.
            deadline: When processes of jobs end themselves.
            registered: All job classes of the project, to log which tables belong to none of them.
        """
        events = self._events = WorkerEvents()
        self.lanes = Lanes(Lane(job, events, deadline) for job in jobs)
        self._failover = FailoverGuard(self.lanes)
        self.completions = CompletionConnection(
            completion_connection,
            on_change=self._on_completions_changed,
            is_outage_known=lambda: self._connection.current is None,
        )
        self.completer = Completer(self.lanes, self.completions, self._failover, events)
        """Its `run` is the second task of a worker."""
        self.scheduler = Scheduler(jobs, schedule_connection, poll=poll)
        """Its `run` is the third."""
        self.idle = asyncio.Event()
        """Set while nothing is due and nothing is held."""
        self.drained = asyncio.Event()
        """Set once nothing runs and every completion is written, after `stop_claiming`."""
        self.listener = Listener(self, check_every=POLLS_PER_CHECK * poll)
        self.is_woken = True
        """Whether the database wakes the worker for every change that makes a job due."""
        self.database_errors = 0
        """Ticks that have failed because the database did."""
        self._connection = connection
        tables = [lane.queue.table for lane in self.lanes]
        strict = {lane.table for lane in self.lanes if lane.job.strict_order}
        self._probes = Probes(tables, strict=strict)
        self._cancellations = Cancellations(self.lanes, self._probes)
        self._reconciler = Reconciler(self.lanes, self._probes, interval=POLLS_PER_CHECK * poll)
        self._trigger_repair = TriggerRepair(tables)
        self._unregistered_kinds = UnregisteredKinds(registered)
        self._next_due = NextDue(self.lanes, self._probes)
        self._fetcher = Fetcher(self.listener, self._next_due)
        self._quarantine = Quarantine(self.lanes, self._probes, self._fetcher, self._dispatch)
        self._poll = poll
        self._observer = observer
        self._id: UUID | None = None
        self._is_claiming = True
        self._is_draining = False
        self._has_tried_refused = False
        self._clearing: asyncio.Task[None] | None = None
        self._has_yielded_connection = False
        self._last_conn: Conn | None = None
        self._loop = asyncio.get_running_loop()

    # Called by the listener.

    def on_notification(self, payload: str | None) -> None:
        """Note that a job may be due in the table that the payload names, or in any if None.

        A payload may also announce a request to cancel, a change of schedules, or a request to log
        what runs.
        """
        if payload == INSPECT_NOTIFICATION:
            self._observer.on_inspection_request()
            return
        if payload in (None, CANCEL_NOTIFICATION):
            self._cancellations.request()
        if payload in (None, SCHEDULES_NOTIFICATION):
            self.scheduler.on_change()
        if payload not in (CANCEL_NOTIFICATION, SCHEDULES_NOTIFICATION):
            for lane in self.lanes:
                if payload is None or lane.queue.table.is_called(payload):
                    lane.schedule.wake()
            self.idle.clear()
        self._events.wake()

    def on_listening_changed(self, is_listening: bool) -> None:
        """Note whether the database wakes the worker for every change that makes a job due."""
        if is_listening == self.is_woken:
            return
        self.is_woken = is_listening
        self.on_notification(None)
        if is_listening:
            log.info("LISTEN works again")
        else:
            log.warning(
                "LISTEN does not work over this connection (a pooler such as PgBouncer does not "
                "support it): polling every %g s instead",
                self._poll_interval(),
            )

    # Called by the worker's process.

    def on_lease_acquired(self, worker_id: UUID) -> None:
        """Start claiming under an id that is registered in the database."""
        self._id = worker_id
        self._quarantine.expect_anywhere(self._loop.time())
        self.scheduler.on_lease_acquired(worker_id)
        self.on_notification(None)

    def on_lease_lost(self) -> None:
        """Drop all claims, which others may take: interrupt what runs, and write nothing."""
        self._id = None
        # A statement in progress would only bring claims that are lost, or never an answer.
        self.abort_connections()
        self._quarantine.abandon()
        self.scheduler.on_lease_lost()
        self.lanes.drop_claims()
        self._events.wake()
        self._clearing = start_own_task(self._clear_lease())

    def drain(self) -> DrainTally:
        """Become idle only once refused jobs were tried again; return the tally of the jobs."""
        self._is_draining, tally = True, DrainTally()
        self.scheduler.disable()
        self.count_jobs(tally)
        return tally

    def count_jobs(self, tally: Tally) -> None:
        """Have the tally count all jobs from now on, instead of an earlier one."""
        for lane in self.lanes:
            lane.tally = tally

    def stop_claiming(self) -> None:
        """Start no further job, and release what was prefetched."""
        self._is_claiming = False
        self.scheduler.disable()
        self.lanes.stop()
        self._events.job_ended()
        if self._id is None:
            self._note_if_drained()

    def interrupt(self) -> None:
        """Ask running jobs to stop; they are released without counting the attempt."""
        self.lanes.interrupt()
        self._events.job_ended()

    def abort_connections(self) -> None:
        """Make statements in progress fail now; they are repeated over new connections."""
        self._connection.abort()
        self.completions.abort()

    async def run(self) -> None:
        """Work until cancelled, through every outage of the database."""
        wait = 0.0
        while True:
            await self._sleep(wait)
            worker_id = self._id
            if worker_id is None:
                wait = self._poll
                continue
            if self._must_yield_connection():
                await self._connection.close()
                self._note_if_drained()
                wait = RETRY_LOCKED_ROW_SECONDS
                continue
            conn = self._connection.current or await self._connection.connection()
            self._failover.check(self._connection.timeline)
            if self._id != worker_id:
                wait = 0.0
                continue  # The lease was lost while the database was away.
            if self._last_conn not in (None, conn):
                # It broke between two ticks. Whether it did in the last one is unknown.
                self._reconciler.expect_lost_claim()
            self._last_conn = conn
            try:
                wait = await self._tick(conn, worker_id)
                self._observer.on_tick()
                self._note_if_drained()
            except (Error, OSError) as error:
                # Whether the last statement took effect is unknown.
                log.warning("the database failed: %s", str(error).strip() or repr(error))
                self.database_errors += 1
                if is_lost(conn, error):
                    await self._connection.close()
                self._reconciler.expect_lost_claim()
                self.on_notification(None)
                self._events.work.clear()
                wait = RETRY_LOCKED_ROW_SECONDS

    async def _sleep(self, seconds: float) -> None:
        """Wait until there is something to do, `seconds` at most."""
        # A tick without a statement must still give jobs and signals their turn.
        await asyncio.sleep(0)
        if seconds > 0:
            timer = self._loop.call_later(seconds, self._events.work.set)
            self.listener.start()
            try:
                await self._events.work.wait()
            finally:
                self.listener.stop()
                timer.cancel()
        self._events.work.clear()

    async def _tick(self, conn: Conn, worker_id: UUID) -> float:
        """Do what is due; return the seconds until the next tick, at most."""
        # A step that is not due costs no coroutine: these would be most of the time to start a job.
        if self.listener.is_due(conn):
            await self.listener.check(conn, owns_session=self._connection.owns_session)
        if self._cancellations.are_due():
            await self._cancellations.apply(conn, worker_id)
        if self.scheduler.must_poll():
            await self.scheduler.poll(conn, is_woken=self.is_woken)
        if not self.idle.is_set() and self._is_done() and not self.lanes.are_known_due():
            self._next_due.poll_soon()
        if self._loop.time() >= self._reconciler.due_at:
            self.lanes.end_never_started()
            await self._reconcile(conn, worker_id)
        may_fetch = self._is_claiming and self.completions.can_write
        next_at = await self._fetch(conn, worker_id) if may_fetch else math.inf
        if self._events.work.is_set():
            return 0
        # Not longer than `poll`, so that the process can see that its worker is alive.
        return min(self._poll, max(0.0, min(self._reconciler.due_at, next_at) - self._loop.time()))

    async def _fetch(self, conn: Conn, worker_id: UUID) -> float:
        """Fetch for every lane with room; return when to fetch next, by the loop's clock."""
        now, quarantine = self._loop.time(), self._quarantine
        if quarantine.is_active():
            await quarantine.fetch(conn, worker_id, now, poll_interval=self._poll_interval())
        blocked_until = quarantine.blocks_until(now)
        if blocked_until is not None:
            return blocked_until
        for lane in self.lanes:
            if not self._is_claiming:
                break  # A shutdown began during the previous lane's claim.
            room = lane.room()
            if room and lane.fetch_at() <= self._loop.time():
                if lane.schedule.was_table_locked():
                    await recheck_locks(self.lanes, conn)
                    if lane.schedule.is_table_locked():
                        continue
                claims = await self._fetcher.fetch(
                    lane, conn, worker_id, room, poll_interval=self._poll_interval()
                )
                self._dispatch(lane, claims, worker_id)
                if lane.schedule.was_table_locked():
                    # Perhaps others are, too, as by a migration.
                    await check_locks(self.lanes, conn)
        if self._loop.time() >= self._next_due.poll_at:
            await self._poll_next_due(conn)
        return min(self._next_due.poll_at, self.lanes.next_fetch_at(), quarantine.next_at())

    def _dispatch(
        self, lane: Lane, claims: list[Claim], worker_id: UUID, *, suspects: bool = False
    ) -> None:
        if self._id != worker_id:
            return  # The lease was lost while the claim was in progress: others rescue its rows.
        if claims:
            self._has_tried_refused = False
        lane.dispatch(claims, start=self._is_claiming, suspects=suspects)
        if not self._is_claiming:
            lane.claims.release_buffered()
            self._events.job_ended()

    async def _poll_next_due(self, conn: Conn) -> None:
        listener = self.listener if self.is_woken else None
        # The answer does not include a job that ends meanwhile and is due again.
        was_empty = self._is_done()
        forecast = await self._next_due.poll(conn, listener, poll_interval=self._poll_interval())
        if forecast.suspects:
            self._quarantine.expect(forecast.suspects, self._loop.time())
            self._events.wake()
        if forecast.nothing_due and was_empty and not self._try_refused_again():
            self.idle.set()
        if not self.is_woken and not self.lanes.hold_nothing():
            self._cancellations.request()

    def _is_done(self) -> bool:
        """Return whether nothing is held, or during a drain, nothing that can still be written."""
        lanes = self.lanes
        return lanes.hold_nothing() or (self._is_draining and lanes.hold_only_unwritable())

    def _try_refused_again(self) -> bool:
        """Before a drain ends, try refused jobs once more; return whether there are any."""
        if not self._is_draining or self._has_tried_refused:
            return False
        self._has_tried_refused = self.lanes.retry_refused()
        if self._has_tried_refused:
            self._events.wake()
        return self._has_tried_refused

    async def _reconcile(self, conn: Conn, worker_id: UUID) -> None:
        reconciler = self._reconciler
        if await reconciler.reconcile(conn, worker_id, is_leased=lambda: self._id == worker_id):
            self._cancellations.request()
            self._events.wake()
        if not self.idle.is_set():
            # An idle worker learns of suspects when it asks for the next due rows.
            self._quarantine.expect_anywhere(self._loop.time())
        for table in await self._trigger_repair.repair(conn):
            self.lanes[table].schedule.wake()
        await self._unregistered_kinds.report(conn)

    async def _clear_lease(self) -> None:
        """Wait for what a lost lease left running; `run` may be waiting for the database."""
        await self.lanes.wait_for_running()
        self._observer.on_lease_cleared()
        self._note_if_drained()

    def _on_completions_changed(self, reason: str | None) -> None:
        self.lanes.set_paused(reason is not None)
        self._observer.on_completion_problem(reason)
        self._events.wake()

    def _must_yield_connection(self) -> bool:
        """Return whether a shutdown only waits for a connection for the last completions."""
        if not (self._is_claiming or self.completions.can_write or self.lanes.count_running()):
            self._has_yielded_connection = True
        return self._has_yielded_connection

    def _note_if_drained(self) -> None:
        # Only between two ticks, or without a lease: during a claim, what is held is unknown.
        if not self._is_claiming and self.lanes.hold_nothing():
            self.drained.set()

    def _poll_interval(self) -> float:
        """Return the seconds between two polls, even if nothing wakes the worker."""
        is_woken = self.is_woken and not self._trigger_repair.is_incomplete
        return self._poll if is_woken else min(self._poll, POLL_WITHOUT_WAKEUPS)
