"""Puts back all that a worker held, once it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from jobgen_runtime.queue.statements import Names
from jobgen_runtime.record import Table


def put_back_all(
    conn: Connection[Any],
    worker: UUID,
    tables: Sequence[tuple[str | None, str]],
    ended: Sequence[UUID],
) -> None:
    """The attempts do not count, and the worker's row goes. `tables`: schema and name of each.

    What has `ended`, and could not be written, is left to the rescue: that attempt counts.
    """
    for schema, name in tables:
        names = Names(Table(name, schema=schema, columns=("id",)))
        held = {"worker": worker, "held": list(ended), "until": "infinity"}
        conn.execute(names.fill("reconcile"), held)
        conn.execute(names.fill("leave"), {"id": worker})
