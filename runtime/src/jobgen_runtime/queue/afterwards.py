"""Puts back all that a worker held, once it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import Connection, Error

from jobgen_runtime.queue.statements import Names
from jobgen_runtime.table import Table


def put_back_all(
    conn: Connection[Any],
    worker: UUID,
    tables: Sequence[tuple[str | None, str]],
    ended: Sequence[UUID],
) -> None:
    """The attempts do not count, and the worker's row goes. `tables`: schema and name of each.

    What has `ended`, and could not be written, is left to the rescue: that attempt counts.
    """
    every = [Names(Table(name, schema=schema, columns=("id",))) for schema, name in tables]
    held = {"worker": worker, "held": list(ended), "until": "infinity"}
    # Who locks a table for longer leaves its jobs to the rescue, and no other's.
    conn.execute("SET lock_timeout = '5s'")
    for names in every:
        with suppress(Error):
            conn.execute(names.fill("reconcile"), held)
    # At the end: as long as the worker's row is there, nobody else takes its jobs.
    for names in every:
        conn.execute(names.fill("leave"), {"id": worker})
