"""Release all jobs of a worker that has exited."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import Connection, Error
from psycopg.errors import LockNotAvailable
from psycopg.rows import tuple_row

from jobgen_runtime.queue.row_errors import halves
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

MAX_RELEASED_ONE_BY_ONE = 10_000
"""Rows among which those that the database refuses to release are looked for."""


def release_all(
    conn: Connection[Any],
    worker: UUID,
    tables: Sequence[tuple[str | None, str]],
    ended: Sequence[UUID],
) -> None:
    """Release a worker's jobs without counting the attempts, then delete the worker's row.

    A job that the database refuses to release is left to the rescue, which fails it.

    Args:
        conn: A connection in autocommit mode.
        worker: The id of the worker, which must have exited.
        tables: The schema and name of each of its job tables.
        ended: Jobs that have ended but whose completion is not written. These are left to the
            rescue, which counts the attempt.
    """
    every_table = [Names(Table(name, schema=schema, columns=("id",))) for schema, name in tables]
    # A table that is locked for longer leaves its jobs to the rescue, and delays no other table.
    conn.execute(read("limit_lock_wait").encode())
    for names in every_table:
        with suppress(Error):
            _release(conn, names, worker, ended)
    # Last: as long as the worker's row exists, no other worker rescues its jobs.
    for names in every_table:
        conn.execute(names.fill("deregister_worker"), {"id": worker})


def _release(conn: Connection[Any], names: Names, worker: UUID, ended: Sequence[UUID]) -> None:
    parameters = {"worker": worker, "ended": list(ended), "ids": None}
    try:
        conn.execute(names.fill("release_all"), parameters)
    except LockNotAvailable:
        raise
    except Error:
        unheld = {"held": list(ended), "until": "infinity", "limit": MAX_RELEASED_ONE_BY_ONE}
        with conn.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(names.fill("unheld_rows"), {"worker": worker, **unheld})
            parts: list[Sequence[UUID]] = [[row[0] for row in cursor.fetchall()]]
        while parts:
            part = parts.pop()
            try:
                conn.execute(names.fill("release_all"), {**parameters, "ids": list(part)})
            except LockNotAvailable:
                raise
            except Error:
                if len(part) > 1:
                    parts += halves(part)
