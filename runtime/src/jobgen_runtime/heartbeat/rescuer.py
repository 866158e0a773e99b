"""Requeue the jobs of dead workers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.heartbeat.table_rescuer import RescueTarget, TableRescuer
from jobgen_runtime.queue import Probes, refusal_reason

log = logging.getLogger("jobgen.worker")


class Rescuer:
    """Find rows whose worker is gone, and requeue them."""

    def __init__(self, targets: Sequence[RescueTarget], *, statement_seconds: float) -> None:
        """Prepare to look after `targets` with statements that take `statement_seconds` at most."""
        self._tables = {
            target.queue.table.qualified_name: TableRescuer(target, statement_seconds)
            for target in targets
        }
        self._probes = Probes([target.queue.table for target in targets])
        self._resume_at: str | None = None
        """The first table that the last call did not get to."""

    def rescue(self, conn: Connection[Any], until: float) -> bool:
        """Requeue the jobs of dead workers in all tables.

        A table that fails or is slow delays no other for long: its jobs wait for the next call.

        Args:
            conn: The heartbeat's connection.
            until: When to stop, by `contract.clock`, so that heartbeats go on. A statement that is
                in progress then goes on for `statement_seconds` at most.

        Returns:
            False if the time did not suffice.

        Raises:
            psycopg.Error: The connection is lost.
        """
        names = self._in_turn(self._probes.orphaned(conn))
        is_finished, self._resume_at = True, None
        for number, name in enumerate(names):
            if number and now() > until:
                self._resume_at = name
                return False
            try:
                is_finished &= self._tables[name].rescue(conn, until)
            except Error as error:
                if is_lost(conn, error):
                    raise
                reason = refusal_reason(error)
                log.warning("%s: the jobs of dead workers cannot be requeued: %s", name, reason)
        return is_finished

    def _in_turn(self, names: list[str]) -> list[str]:
        start = names.index(self._resume_at) if self._resume_at in names else 0
        return names[start:] + names[:start]
