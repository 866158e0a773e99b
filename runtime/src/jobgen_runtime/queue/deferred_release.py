"""Release all jobs of a worker that has exited."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import Connection, Error

from jobgen_runtime.queue.statements import Names
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table


def release_all(
    conn: Connection[Any],
    worker: UUID,
    tables: Sequence[tuple[str | None, str]],
    ended: Sequence[UUID],
) -> None:
    """Release a worker's jobs without counting the attempts, then delete the worker's row.

    Args:
        conn: A connection in autocommit mode.
        worker: The id of the worker, which must have exited.
        tables: The schema and name of each of its job tables.
        ended: Jobs that have ended but whose completion is not written. These are left to the
            rescue, which counts the attempt.
    """
    every_table = [Names(Table(name, schema=schema, columns=("id",))) for schema, name in tables]
    parameters = {"worker": worker, "held": list(ended), "until": "infinity"}
    # A table that is locked for longer leaves its jobs to the rescue, and delays no other table.
    conn.execute(read("limit_lock_wait").encode())
    for names in every_table:
        with suppress(Error):
            conn.execute(names.fill("reconcile"), parameters)
    # Last: as long as the worker's row exists, no other worker rescues its jobs.
    for names in every_table:
        conn.execute(names.fill("deregister_worker"), {"id": worker})
