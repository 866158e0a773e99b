"""Requeue the jobs of dead workers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Error

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import JobQueue, Probes

log = logging.getLogger("jobgen.worker")


@dataclass(frozen=True, slots=True)
class RescueTarget:
    """A job table to look after."""

    queue: JobQueue
    max_attempts: int
    has_global_limit: bool
    """Whether workers wait for free slots of this kind of job."""


class Rescuer:
    """Find rows whose worker is gone, and requeue them."""

    def __init__(self, targets: Sequence[RescueTarget]) -> None:
        """Prepare to look after `targets`."""
        self._targets = {target.queue.table.qualified_name: target for target in targets}
        self._probes = Probes([target.queue.table for target in targets])

    def rescue(self, conn: Connection[Any]) -> None:
        """Requeue the jobs of dead workers in all tables.

        A table that fails delays no other: its jobs wait for the next call.

        Raises:
            psycopg.Error: The connection is lost.
        """
        for name in self._probes.orphaned(conn):
            target = self._targets[name]
            try:
                rescued = self._rescue(conn, target)
            except Error as error:
                if is_lost(conn, error):
                    raise
                reason = str(error).strip()
                log.warning("%s: the jobs of dead workers cannot be requeued: %s", name, reason)
                continue
            if rescued:
                log.warning("%s: requeued %d jobs of dead workers", name, rescued)

    def _rescue(self, conn: Connection[Any], target: RescueTarget) -> int:
        rescued = target.queue.rescue(conn, target.max_attempts)
        if target.has_global_limit and rescued:
            target.queue.notify_slot_free_sync(conn)
        return len(rescued)
