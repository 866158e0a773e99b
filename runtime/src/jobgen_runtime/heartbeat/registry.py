"""The workers' rows in job_workers."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class DeadWorker:
    """A worker whose row has expired."""

    id: UUID
    host: str
    pid: int


class WorkerRegistry:
    """The table job_workers, in the schema of the worker's own tables."""

    def __init__(self, tables: Sequence[Table], *, expires_after: timedelta, version: str) -> None:
        """Prepare to register a worker.

        Args:
            tables: The job tables that the worker processes.
            expires_after: How long the row is valid without a renewal.
            version: The runtime's version, shown to operators.
        """
        self._names = Names(tables[0])
        self._tables = [table.qualified_name for table in tables]
        self._expires_after = expires_after
        self._version = version

    def register(self, conn: Connection[Any], worker: UUID) -> None:
        """Insert a row for this process under the id `worker`."""
        parameters = {
            "id": worker,
            "expires_after": self._expires_after,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": self._version,
            "tables": self._tables,
        }
        execute_with_timeouts(conn, self._names.fill("register_worker"), scalar_row, parameters)

    def renew(self, conn: Connection[Any], worker: UUID) -> list[DeadWorker] | None:
        """Renew the worker's row, and delete the rows that have expired.

        Returns:
            The workers whose rows were deleted; None if this worker's own row is gone, in which
            case no row was changed.
        """
        parameters = {"id": worker, "expires_after": self._expires_after}
        query = self._names.fill("heartbeat")
        rows = execute_with_timeouts(conn, query, class_row(DeadWorker), parameters)
        dead = [row for row in rows if row.id != worker]
        return dead if len(dead) < len(rows) else None

    def deregister(self, conn: Connection[Any], worker: UUID) -> None:
        """Delete the worker's row, once all its jobs have ended."""
        query = self._names.fill("deregister_worker")
        execute_with_timeouts(conn, query, scalar_row, {"id": worker})
