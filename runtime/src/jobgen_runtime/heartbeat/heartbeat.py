"""Renew this worker's lease, and give it up in time.

This runs in its own threads and over its own connection, because a worker whose event loop is
blocked by a job for minutes is not dead.
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.rejections import is_rejection
from jobgen_runtime.executor import exit_now
from jobgen_runtime.heartbeat.connection import HeartbeatConnection
from jobgen_runtime.heartbeat.lease import Intervals, Lease
from jobgen_runtime.heartbeat.lease_holder import LeaseHolder
from jobgen_runtime.heartbeat.registration import Registration
from jobgen_runtime.heartbeat.registry import DeadWorker, WorkerRegistry
from jobgen_runtime.heartbeat.rescuer import Rescuer
from jobgen_runtime.heartbeat.table_rescuer import RescueTarget
from jobgen_runtime.heartbeat.watchdog import Watchdog
from jobgen_runtime.queue.refusals import refusal_reason

log = logging.getLogger("jobgen.worker")

LEASE_LOST_EXIT_CODE = 75
"""EX_TEMPFAIL: the process has exited because it could not prove that its jobs were its own."""

RESCUE_EVERY_HEARTBEATS = 3
"""Heartbeats between two rescues, unless a worker has just been found dead."""

IDLE_FACTOR = 2
"""How many times longer the interval between two heartbeats is while no job runs.

A job that starts then is noticed within a quarter of the interval.
"""


WATCHES_PER_HEARTBEAT = 4
"""How often the lease is checked in the interval between two heartbeats."""


class Heartbeat:
    """Hold a lease for this process while the database answers.

    One thread registers the worker, renews its row and rescues the jobs of dead workers. Another
    gives up the lease when the database does not answer in time, and ends the process if jobs
    still run when other workers may take them over. If no thread can run, the watchdog ends it.
    """

    def __init__(
        self,
        conninfo: str,
        registry: WorkerRegistry,
        targets: Sequence[RescueTarget],
        intervals: Intervals,
        holder: LeaseHolder,
    ) -> None:
        """Prepare a heartbeat that informs `holder`.

        Args:
            conninfo: The connection string of the database.
            registry: The workers' rows.
            targets: The job tables whose jobs are rescued.
            intervals: The durations of the lease.
            holder: Receives the changes of the lease.
        """
        self.lease = Lease(intervals)
        self._connection = HeartbeatConnection(conninfo, silence=intervals.give_up_after)
        self._registry = registry
        self._registration = Registration(registry, holder.on_registration_problem)
        self._rescuer = Rescuer(targets, statement_seconds=intervals.rescue_statement)
        self._interval = intervals.heartbeat
        self._holder = holder
        self._sent_at = self._rescued_at = -math.inf
        self._is_healthy = True
        self._stopping = threading.Event()
        self._wakeup = threading.Event()
        self._watchdog = Watchdog(intervals, tick=intervals.heartbeat / WATCHES_PER_HEARTBEAT)
        self._threads = [
            threading.Thread(target=self._keep_alive, name="heartbeat", daemon=True),
            threading.Thread(target=self._watch, name="lease", daemon=True),
        ]

    def start(self) -> None:
        """Start the threads; the lease is acquired as soon as the database answers."""
        self._watchdog.start(os.getpid())
        for thread in self._threads:
            thread.start()

    def on_lease_cleared(self) -> None:
        """Allow a new lease: nothing runs any more of what was claimed under the lost one."""
        self.lease.clear()
        self._wakeup.set()

    def fileno(self) -> int:
        """Return the file descriptor of the open connection, or -1."""
        return self._connection.fileno()

    def stop(self, *, timeout: float, deregister: bool) -> None:
        """End the threads and close the connection.

        Args:
            timeout: Seconds to wait for each thread, and for the database.
            deregister: Whether to delete the worker's row, because all its jobs have ended.
        """
        self._stopping.set()
        self._wakeup.set()
        # From here the process ends by itself, and nothing shows that it runs.
        self._watchdog.stop()
        for thread in self._threads:
            thread.join(timeout)
        if not any(thread.is_alive() for thread in self._threads):
            worker_id = self.lease.worker_id if deregister else None
            self._connection.close(
                timeout=timeout,
                last=partial(self._registry.deregister, worker=worker_id) if worker_id else None,
            )

    def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            if self._beat():
                while not self._is_due() and not self._wakeup.wait(self._interval / 4):
                    pass
            else:
                self._wakeup.wait(min(self._interval, 1.0))
            self._wakeup.clear()

    def _is_due(self) -> bool:
        interval = self._interval * (IDLE_FACTOR if self._holder.is_idle() else 1)
        return now() - self._sent_at >= interval

    def _watch(self) -> None:
        while not self._stopping.wait(self._interval / WATCHES_PER_HEARTBEAT):
            self._watchdog.beat(self.lease.exit_at)
            if self.lease.is_stale(now()):
                self._give_up("the database did not answer in time")
            if self.lease.must_exit(now()):
                exit_now(LEASE_LOST_EXIT_CODE, _log_exit)
            self._connection.abort_if_silent()

    def _beat(self) -> bool:
        """Send a heartbeat; return whether the database has answered."""
        try:
            with self._connection.use() as conn:
                self._exchange(conn, now())
        except (Error, OSError) as error:
            self._report_failure(error)
            self._connection.drop_if_lost(error)
            return False
        self._is_healthy = True
        # An attempt to register is repeated sooner than a heartbeat.
        return not self.lease.can_be_acquired

    def _exchange(self, conn: Connection[Any], sent: float) -> None:
        """Acquire or renew the lease, and rescue the jobs of dead workers if that is due."""
        worker_id = self.lease.worker_id
        if self.lease.can_be_acquired:
            found_dead = self._acquire(conn, sent)
        else:
            found_dead = worker_id is not None and self._renew(conn, worker_id, sent)
        if found_dead:
            self._rescued_at = -math.inf
        if sent - self._rescued_at >= RESCUE_EVERY_HEARTBEATS * self._interval:
            if self._rescuer.rescue(conn, sent + self._interval / 2):
                self._rescued_at = sent
            else:
                self._wakeup.set()  # To go on after a heartbeat.
        self._sent_at = sent

    def _report_failure(self, error: Exception) -> None:
        level = logging.WARNING if self._is_healthy else logging.DEBUG
        if self._connection.is_refusal(error):
            problem = "refuses it"
        else:
            problem = "rejects the connection" if is_rejection(error) else "does not answer"
        log.log(level, "heartbeat failed: the database %s: %s", problem, str(error).strip())
        if self.lease.can_be_acquired:
            self._holder.on_registration_problem(
                refusal_reason(error) if isinstance(error, Error) else str(error)
            )
        self._is_healthy = False

    def _acquire(self, conn: Connection[Any], sent: float) -> bool:
        """Register the worker if that is possible; return whether others were declared dead."""
        registered = self._registration.attempt(conn, sent)
        if registered is None:
            return False
        worker_id, dead = registered
        self.lease.acquire(worker_id, sent)
        self._watchdog.beat(self.lease.exit_at)
        self._holder.on_lease_extended(sent + self.lease.intervals.exit_after)
        self._holder.on_lease_acquired(worker_id)
        return _log_dead(dead)

    def _renew(self, conn: Connection[Any], worker_id: UUID, sent: float) -> bool:
        """Renew the lease; return whether other workers were declared dead."""
        dead = self._registry.renew(conn, worker_id)
        if dead is None:
            self._give_up("other workers declared this one dead")
            return False
        self.lease.renew(sent)
        self._watchdog.beat(self.lease.exit_at)
        self._holder.on_lease_extended(sent + self.lease.intervals.exit_after)
        return _log_dead(dead)

    def _give_up(self, reason: str) -> None:
        if self.lease.mark_lost(now()):
            log.error("lease lost, %s: cancelling all running jobs and registering again", reason)
            self._holder.on_lease_lost()


def _log_dead(dead: Sequence[DeadWorker]) -> bool:
    """Log the workers that were declared dead; return whether there are any."""
    for worker in dead:
        log.warning("worker %s (host %s, process %d) is dead", worker.id, worker.host, worker.pid)
    return bool(dead)


def _log_exit() -> None:
    log.critical("jobs still run that other workers may now take over: exiting")
