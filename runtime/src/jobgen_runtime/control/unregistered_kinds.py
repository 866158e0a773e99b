"""Job tables with waiting jobs that nothing runs: their class is not registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Connection, sql
from psycopg.rows import class_row

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.table import Table, compose, quote_text

CAP = 1000
"""Waiting jobs of a table that are counted, at most."""

REGISTER = (
    "Add its class to the list `workers` of its application, start the worker that runs it, or "
    "delete the rows."
)


@dataclass(frozen=True, slots=True)
class UnregisteredKind:
    """A job table whose jobs wait for a worker that has its kind."""

    table_name: str
    waiting: int
    """How many jobs wait, at most CAP."""

    @property
    def problem(self) -> str:
        """What is wrong, as a sentence."""
        jobs = counted(self.waiting, "job") if self.waiting < CAP else f"{CAP:,} or more jobs"
        return (
            f"{jobs} {'waits' if self.waiting == 1 else 'wait'} in {self.table_name}, but no job "
            "class that this project registers runs them, and no live worker does."
        )


@dataclass(frozen=True, slots=True)
class _Found:
    schema: str
    name: str
    is_visible: bool

    @property
    def table(self) -> Table:
        return Table(self.name, schema=None if self.is_visible else self.schema, columns=())


async def fetch_unregistered_kinds(
    conn: AsyncConnection[Any] | None, registered: Sequence[Table]
) -> list[UnregisteredKind]:
    """Return the job tables with waiting jobs that no registered class and no live worker has.

    Paused kinds are left out, and so are jobs that are parked at `infinity`. The cost does not grow
    with the tables.

    Args:
        conn: The connection; None for one of the pool's.
        registered: The tables of all job classes of the project; at least one.
    """
    found = await fetch_rows(conn, [_tables(registered)], class_row(_Found))
    statements = count_waiting([each.table for each in found])
    return await fetch_rows(conn, statements, class_row(UnregisteredKind))


def fetch_unregistered_kinds_sync(
    conn: Connection[Any] | None, registered: Sequence[Table]
) -> list[UnregisteredKind]:
    """Return these tables; the synchronous version of `fetch_unregistered_kinds`."""
    found = fetch_rows_sync(conn, [_tables(registered)], class_row(_Found))
    statements = count_waiting([each.table for each in found])
    return fetch_rows_sync(conn, statements, class_row(UnregisteredKind))


def count_waiting(tables: Sequence[Table]) -> list[Statement]:
    """Return the statement that counts the waiting jobs of these tables; none for no tables."""
    if not tables:
        return []
    every = [
        compose(table, "count_waiting", table_name=quote_text(table.qualified_name))
        for table in tables
    ]
    query = sql.SQL("({})").format(sql.SQL(") UNION ALL (").join(every))
    return [Statement(query, {"cap": CAP}, own_types=True)]


def _tables(registered: Sequence[Table]) -> Statement:
    parameters = {"registered": [table.sql_name for table in registered]}
    return Statement(compose(registered[0], "unregistered_tables"), parameters, own_types=True)
