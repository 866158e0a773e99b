"""The triggers that wake workers: what is missing, and making it again."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.table import Table


def trigger_statements(table: Table, *, insert: bool, update: bool) -> tuple[str, ...]:
    """What makes the triggers on INSERT and on UPDATE."""
    wanted = {"wake_on_insert": insert, "wake_on_update": update}
    return tuple(
        Names(table)
        .compose(
            name,
            trigger=sql.Identifier(object_name(table.name, name)),
            wake_job_workers=sql.Identifier("wake_job_workers"),
        )
        .as_string(None)
        .strip()
        for name, missing in wanted.items()
        if missing
    )
