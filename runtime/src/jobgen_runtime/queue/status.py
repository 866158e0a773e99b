"""How a kind of job stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from jobgen_runtime.queue.statements import Names
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class KindStatus:
    """How many jobs of a kind wait and run, on how many `workers` it may run, and since when no
    job of it starts any more: None where they do."""

    paused_at: datetime | None
    waiting: int
    running: int
    workers: int


def kind_status(conn: Connection[Any], table: Table) -> KindStatus:
    """How the kind stands now."""
    with Cursor(conn, row_factory=class_row(KindStatus)) as cursor:
        cursor.execute(Names(table).fill("kind_status"), {"table": table.qualified_name})
        [status] = cursor.fetchall()
        return status
