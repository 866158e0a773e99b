"""Requeue the jobs of dead workers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, Error

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.heartbeat.table_rescuer import RescueTarget, TableRescuer
from jobgen_runtime.queue import Probes, refusal_reason

log = logging.getLogger("jobgen.worker")


class Rescuer:
    """Find rows whose worker is gone, and requeue them."""

    def __init__(self, targets: Sequence[RescueTarget]) -> None:
        """Prepare to look after `targets`."""
        self._tables = {
            target.queue.table.qualified_name: TableRescuer(target) for target in targets
        }
        self._probes = Probes([target.queue.table for target in targets])

    def rescue(self, conn: Connection[Any], until: float) -> bool:
        """Requeue the jobs of dead workers in all tables.

        A table that fails delays no other: its jobs wait for the next call.

        Args:
            conn: The heartbeat's connection.
            until: When to stop, by `contract.clock`, so that heartbeats go on.

        Returns:
            False if the time did not suffice.

        Raises:
            psycopg.Error: The connection is lost.
        """
        is_finished = True
        for name in self._probes.orphaned(conn):
            try:
                is_finished &= self._tables[name].rescue(conn, until)
            except Error as error:
                if is_lost(conn, error):
                    raise
                reason = refusal_reason(error)
                log.warning("%s: the jobs of dead workers cannot be requeued: %s", name, reason)
        return is_finished
