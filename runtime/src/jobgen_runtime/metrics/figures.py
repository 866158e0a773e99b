"""What the database says about a kind of job, read at a bounded cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose

FIRST_ROWS = 2 * CAP
"""Rows that are read, at most, where no index finds those of one status alone."""

FIGURES_SECONDS = 2.0
"""How long the statement about one kind may take."""


@dataclass(frozen=True, slots=True)
class KindFigures:
    """The numbers of one kind. Those of jobs are exact up to CAP, and CAP if there are more."""

    due: int
    scheduled: int
    running: int
    failed: int
    timed_out: int
    workers: int
    """How many live workers process the kind."""
    is_paused: bool
    oldest_due_age: float | None = None
    """Seconds since the first due job was due; None if none is."""


def measure_kind(conn: Connection[Any], table: Table) -> KindFigures:
    """Read the figures of a kind, at a cost that does not grow with its table.

    Raises:
        psycopg.Error: The connection broke, or the statement takes too long nevertheless.
    """
    query = b";\n".join(
        (read("plan_by_index").encode(), compose(table, "measure_kind").as_bytes(None))
    )
    parameters = {"table": table.qualified_name, "cap": CAP, "first_rows": FIRST_ROWS}
    [found] = execute_with_timeouts(
        conn, query, class_row(KindFigures), parameters, seconds=FIGURES_SECONDS
    )
    numbers = asdict(found)
    for name in ("due", "scheduled", "failed", "timed_out"):
        numbers[name] = min(numbers[name], CAP)
    return KindFigures(**numbers)
