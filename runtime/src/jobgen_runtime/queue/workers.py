"""The workers' own rows, for a heartbeat's plain connection."""

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
    """A worker that let its row expire."""

    id: UUID
    host: str
    pid: int


class Registry:
    """The table job_workers, in the schema of the worker's own tables."""

    def __init__(self, tables: Sequence[Table], *, lifetime: timedelta, version: str) -> None:
        self._names = Names(tables[0])
        self._tables = [table.qualified_name for table in tables]
        self._lifetime = lifetime
        self._version = version

    def register(self, conn: Connection[Any], worker: UUID) -> None:
        """Says that this process is alive, under that id."""
        parameters = {
            "id": worker,
            "lifetime": self._lifetime,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": self._version,
            "tables": self._tables,
        }
        execute_with_timeouts(conn, self._names.fill("register_worker"), scalar_row, parameters)

    def renew(self, conn: Connection[Any], worker: UUID) -> list[DeadWorker] | None:
        """Says that it still is, and declares dead who has let its row expire: those are returned.

        None: it was declared dead itself.
        """
        parameters = {"id": worker, "lifetime": self._lifetime}
        query = self._names.fill("heartbeat")
        rows = execute_with_timeouts(conn, query, class_row(DeadWorker), parameters)
        dead = [row for row in rows if row.id != worker]
        return dead if len(dead) < len(rows) else None

    def leave(self, conn: Connection[Any], worker: UUID) -> None:
        """Says that this process has ended all its work."""
        execute_with_timeouts(conn, self._names.fill("leave"), scalar_row, {"id": worker})
