"""Read what concerns all kinds at once: workers, pauses, refused jobs and hidden rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, LockNotAvailable, UndefinedTable
from psycopg.rows import tuple_row

from jobgen_runtime.control import fetch_hidden_rows
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.lists.pauses import Pauses, read_pauses
from jobgen_runtime.dashboard.schedules.schedules import LATE


@dataclass(frozen=True)
class Surroundings:
    """What the overview says of a kind that is not in the kind's table."""

    workers: tuple[frozenset[str], ...] | None
    """The tables of each live worker; None if the role may not read them."""

    with_refusals: Collection[str]
    """The tables that may have refused jobs, by their quoted names."""

    with_hidden_rows: Collection[str]
    """The tables of which row security may hide rows, by their quoted names."""

    pauses: Pauses
    failing_schedules: int
    """Schedules that insert no jobs though they are not paused."""

    def workers_of(self, *tables: JobTable) -> int | None:
        """Return how many live workers process any of these tables; None if that is not known."""
        if self.workers is None:
            return None
        names = {name for table in tables for name in (table.name, f"{table.schema}.{table.name}")}
        return sum(not names.isdisjoint(worker) for worker in self.workers)

    def paused_at(self, table: JobTable) -> Moment | None:
        """Return when a kind was paused; None if it is not."""
        return self.pauses.since(table)


async def read_surroundings(conn: AsyncConnection[Any], tables: Sequence[JobTable]) -> Surroundings:
    """Read these facts about all tables, with one statement each."""
    names = [table.regclass for table in tables]
    workers = await _rows(conn, "live_workers", {})
    with_refusals = await _rows(conn, "tables_with_refusals", {"names": names})
    failing = await _rows(conn, "count_failing_schedules", {"names": names, "late": LATE})
    return Surroundings(
        workers=None if workers is None else tuple(frozenset(row[0]) for row in workers),
        with_refusals={row[0] for row in with_refusals or []},
        with_hidden_rows=await _with_hidden_rows(conn, names),
        pauses=await read_pauses(conn),
        failing_schedules=failing[0][0] if failing else 0,
    )


async def _with_hidden_rows(conn: AsyncConnection[Any], names: Sequence[str]) -> set[str]:
    """Return the tables of which row security may hide rows; none while one of them is locked."""
    try:
        async with conn.transaction():
            hidden = await fetch_hidden_rows(conn, dict.fromkeys(names, ("SELECT",)))
    except LockNotAvailable:
        return set()
    return {each.table for each in hidden}


async def _rows(
    conn: AsyncConnection[Any], name: str, parameters: dict[str, object]
) -> list[Any] | None:
    """Return the rows of a statement; None from an older schema, or if the role may not read it."""
    try:
        async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(statement(name), parameters)
            return await cursor.fetchall()
    except (InsufficientPrivilege, LockNotAvailable, UndefinedTable):
        return None
