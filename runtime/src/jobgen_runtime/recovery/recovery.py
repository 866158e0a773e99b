"""Keeps this worker's row alive, and puts back what dead workers held.

In threads of its own, over a connection of its own: a job that blocks the event loop for minutes
is not dead.
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.sessions import is_lost, set_timeouts
from jobgen_runtime.database.worker_connection import abort_connection
from jobgen_runtime.queue import JobQueue, Probes, Registry
from jobgen_runtime.recovery.lease import Intervals, Lease

log = logging.getLogger("jobgen.worker")

EXIT_CODE = 75
"""EX_TEMPFAIL: the process ended itself because it could not prove that its jobs were its own."""

SWEEP_EVERY = 3
"""Heartbeats from one look for what dead workers held to the next, unless one has just died."""

IDLE = 2
"""How many times longer it is from one heartbeat to the next while nothing runs. A job that starts
then is noticed within a quarter of the time between two."""

_ERROR = (
    "The worker that ran this job died, or lost the database for longer than it may. "
    "The job may be what killed it."
)


@dataclass(frozen=True, slots=True)
class Rescued:
    """A table to look after, and how often its jobs may be tried.

    `limited`: workers wait for free slots of its kind.
    """

    queue: JobQueue
    max_attempts: int
    limited: bool


class Recovery:
    """Calls `admit` with each identity it got, and `lose` when one is lost, from its threads.

    `extend` is called at each good heartbeat, with the moment (of `contract.clock`) until which
    nobody else takes what this worker runs. `idle` says whether nothing runs.
    """

    def __init__(
        self,
        conninfo: str,
        registry: Registry,
        tables: Sequence[Rescued],
        intervals: Intervals,
        *,
        admit: Callable[[UUID], None],
        lose: Callable[[], None],
        extend: Callable[[float], None],
        idle: Callable[[], bool],
    ) -> None:
        self.lease = Lease(intervals)
        self._conninfo = conninfo
        self._registry = registry
        self._tables = {table.queue.table.qualified_name: table for table in tables}
        self._probes = Probes([table.queue.table for table in tables])
        self._interval = intervals.heartbeat
        self._admit = admit
        self._lose = lose
        self._extend = extend
        self._idle = idle
        self._conn: Connection[Any] | None = None
        self._asked_at: float | None = None
        self._beat_at = self._swept_at = -math.inf
        self._well = True
        self._stop = threading.Event()
        self._awake = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_alive, name="heartbeat", daemon=True),
            threading.Thread(target=self._watch, name="lease", daemon=True),
        ]

    def start(self) -> None:
        """Takes an identity as soon as the database answers."""
        for thread in self._threads:
            thread.start()

    def rest(self) -> None:
        """Nothing of the lost identity runs any more: a new one may be taken."""
        self.lease.rest()
        self._awake.set()

    def stop(self, patience: float, *, leave: bool) -> None:
        """Ends the threads; takes the row away if all work has ended."""
        self._stop.set()
        self._awake.set()
        for thread in self._threads:
            thread.join(patience)
        identity = self.lease.identity
        if self._conn is not None and not any(thread.is_alive() for thread in self._threads):
            # Its answer may never come.
            too_long = threading.Timer(patience, abort_connection, (self._conn,))
            too_long.daemon = True
            too_long.start()
            with suppress(Error, OSError):
                if leave and identity is not None:
                    self._registry.leave(self._conn, identity)
                self._conn.close()
            too_long.cancel()

    def _keep_alive(self) -> None:
        while not self._stop.is_set():
            if self._beat():
                while not self._due() and not self._awake.wait(self._interval / 4):
                    pass
            else:
                self._awake.wait(min(self._interval, 1.0))
            self._awake.clear()

    def _due(self) -> bool:
        """Whether it is time for the next heartbeat."""
        interval = self._interval * (IDLE if self._idle() else 1)
        return now() - self._beat_at >= interval

    def _watch(self) -> None:
        while not self._stop.wait(self._interval / 4):
            if self.lease.stale(now()):
                self._give_up("the database did not answer in time")
            if self.lease.must_exit(now()):
                log.critical("jobs still run that other workers may take now: this process ends")
                logging.shutdown()
                os._exit(EXIT_CODE)
            asked_at = self._asked_at
            if asked_at is not None and now() - asked_at > self.lease.intervals.give_up:
                abort_connection(self._conn)

    def _beat(self) -> bool:
        try:
            conn = self._connection()
            self._asked_at = sent = now()
            if self.lease.free:
                self._begin(conn, sent)
            identity = self.lease.identity
            if identity is not None and self._renew(conn, identity, sent):
                self._swept_at = -math.inf
            if sent - self._swept_at >= SWEEP_EVERY * self._interval:
                self._sweep(conn)
                self._swept_at = sent
            self._beat_at = sent
        except (Error, OSError) as error:
            level = logging.WARNING if self._well else logging.DEBUG
            log.log(level, "no heartbeat, the database does not answer: %s", str(error).strip())
            self._well = False
            if self._conn is not None and is_lost(self._conn, error):
                self._conn.close()
            return False
        finally:
            self._asked_at = None
        self._well = True
        return True

    def _begin(self, conn: Connection[Any], sent: float) -> None:
        identity = uuid4()
        self._registry.register(conn, identity)
        self.lease.begin(identity, sent)
        self._extend(sent + self.lease.intervals.exit)
        self._admit(identity)

    def _renew(self, conn: Connection[Any], identity: UUID, sent: float) -> bool:
        """Whether others were declared dead."""
        dead = self._registry.renew(conn, identity)
        if dead is None:
            self._give_up("other workers declared this one dead")
            return False
        self.lease.renewed(sent)
        self._extend(sent + self.lease.intervals.exit)
        for worker in dead:
            log.warning("worker %s (%s, process %d) is dead", worker.id, worker.host, worker.pid)
        return bool(dead)

    def _give_up(self, reason: str) -> None:
        if self.lease.lose(now()):
            log.error("%s: cancelling what runs, and starting anew", reason)
            self._lose()

    def _sweep(self, conn: Connection[Any]) -> None:
        for name in self._probes.orphaned(conn):
            table = self._tables[name]
            try:
                changed = self._rescue(conn, table)
            except Error as error:
                if is_lost(conn, error):
                    raise
                # Someone has it locked, say. It holds up no other table; the next look is soon.
                log.warning("%s: nothing can be taken back: %s", name, str(error).strip())
                continue
            if changed:
                log.warning("%s: took %d back from dead workers", name, len(changed))

    def _rescue(self, conn: Connection[Any], table: Rescued) -> set[UUID]:
        changed = table.queue.rescue(conn, table.max_attempts, _ERROR)
        if table.limited and changed:
            table.queue.notify_slot_free_sync(conn)
        return changed

    def _connection(self) -> Connection[Any]:
        if self._conn is None or self._conn.closed:
            self._conn = Connection.connect(self._conninfo, autocommit=True)
            self._asked_at = now()
            set_timeouts(self._conn)
        return self._conn
