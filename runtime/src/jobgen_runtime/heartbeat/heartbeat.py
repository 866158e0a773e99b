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
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.sessions import is_lost, set_timeouts
from jobgen_runtime.database.worker_connection import abort_connection
from jobgen_runtime.database.worker_sessions import open_worker_session_sync
from jobgen_runtime.executor import exit_now
from jobgen_runtime.heartbeat.lease import Intervals, Lease
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


class LeaseHolder(Protocol):
    """What a heartbeat informs about its lease, from its own threads."""

    def on_lease_acquired(self, worker_id: UUID) -> None:
        """Handle that this process may claim jobs as `worker_id`."""

    def on_lease_extended(self, until: float) -> None:
        """Handle that no other worker takes this one's jobs before `until`, of `contract.clock`."""

    def on_lease_lost(self) -> None:
        """Handle that the lease is lost: all that runs must be cancelled."""

    def on_registration_problem(self, reason: str | None) -> None:
        """Handle that the worker cannot be registered, or that it is again if `reason` is None."""

    def is_idle(self) -> bool:
        """Return whether no job runs."""


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
            holder: What is informed about the lease.
        """
        self.lease = Lease(intervals)
        self._conninfo = conninfo
        self._registry = registry
        self._registration = Registration(registry, holder.on_registration_problem)
        self._rescuer = Rescuer(targets, statement_seconds=intervals.rescue_statement)
        self._interval = intervals.heartbeat
        self._holder = holder
        self._conn: Connection[Any] | None = None
        self._waiting_since: float | None = None
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
        return -1 if self._conn is None or self._conn.closed else self._conn.fileno()

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
        worker_id = self.lease.worker_id
        if self._conn is not None and not any(thread.is_alive() for thread in self._threads):
            # The database may never answer.
            abort = threading.Timer(timeout, abort_connection, (self._conn,))
            abort.daemon = True
            abort.start()
            with suppress(Error, OSError):
                if deregister and worker_id is not None:
                    self._registry.deregister(self._conn, worker_id)
                self._conn.close()
            abort.cancel()

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
            waiting_since = self._waiting_since
            if (
                waiting_since is not None
                and now() - waiting_since > self.lease.intervals.give_up_after
            ):
                abort_connection(self._conn)

    def _beat(self) -> bool:
        """Send a heartbeat; return whether the database has answered."""
        try:
            conn = self._connection()
            self._waiting_since = sent = now()
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
        except (Error, OSError) as error:
            level = logging.WARNING if self._is_healthy else logging.DEBUG
            refuses = self._conn is not None and not is_lost(self._conn, error)
            problem = "refuses it" if refuses else "does not answer"
            log.log(level, "heartbeat failed: the database %s: %s", problem, str(error).strip())
            if self.lease.can_be_acquired:
                self._holder.on_registration_problem(
                    refusal_reason(error) if isinstance(error, Error) else str(error)
                )
            self._is_healthy = False
            if self._conn is not None and is_lost(self._conn, error):
                self._conn.close()
            return False
        finally:
            self._waiting_since = None
        self._is_healthy = True
        # An attempt to register is repeated sooner than a heartbeat.
        return not self.lease.can_be_acquired

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

    def _connection(self) -> Connection[Any]:
        if self._conn is None or self._conn.closed:
            self._conn, owns_session = open_worker_session_sync(self._conninfo)
            self._waiting_since = now()
            if owns_session:
                set_timeouts(self._conn)
        return self._conn


def _log_dead(dead: Sequence[DeadWorker]) -> bool:
    """Log the workers that were declared dead; return whether there are any."""
    for worker in dead:
        log.warning("worker %s (host %s, process %d) is dead", worker.id, worker.host, worker.pid)
    return bool(dead)


def _log_exit() -> None:
    log.critical("jobs still run that other workers may now take over: exiting")
