"""Queries over all of a worker's tables at once: one statement, however many tables there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Connection, Error, sql
from psycopg.errors import LockNotAvailable
from psycopg.rows import scalar_row, tuple_row

from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.queue.locked_tables import (
    BLOCKS_READS,
    find_locked_tables,
    find_locked_tables_sync,
)
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.queue.suspects import DEATH_ERRORS, SUSPECTS_SEARCHED
from jobgen_runtime.table import Table, quote_text

TableName = str
"""A table's `qualified_name`, by which answers name it."""

_NOTHING_REFUSED: Mapping[TableName, str] = {}


Suspects = dict[int, int]
"""Numbers of suspects by the number of workers in a row that have died with them."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a table's first waiting row is due.

    `seconds`: from now by the database's clock; zero or less if it is due, None for never.
    `suspect_seconds`: the same for a suspect that comes before that row, None without one.
    """

    table: TableName
    seconds: float | None
    suspect_seconds: float | None


@dataclass(frozen=True, slots=True)
class ClaimedRows:
    """The claims that a table assigns to a worker.

    `latest`: locked_at of the latest claim as text, None without one. `has_cancellations`: whether
    there are requests to cancel jobs of the table, on whichever worker. `has_refusals`: whether the
    database refuses the next transition of jobs of the table. `may_be_large`: whether its rows may
    be, None if it has no values that may.
    """

    count: int
    latest: str | None
    has_cancellations: bool
    has_refusals: bool
    may_be_large: bool | None


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """A request to cancel a job.

    `is_running`: whether the job runs. `is_mine`: whether it runs on the worker that asked.
    """

    table: TableName
    job: UUID
    is_running: bool
    is_mine: bool


class Probes:
    """Query a list of tables, and leave out those for which the database reports an error.

    The asynchronous methods return the answers, and the names of the tables that another session
    has locked. They raise psycopg.Error only if the connection broke.
    """

    def __init__(self, tables: Sequence[Table], *, strict: Collection[TableName] = ()) -> None:
        """Prepare for these tables; `strict` names those of kinds in strict order."""
        self._tables = {table.qualified_name: table for table in tables}
        self._strict = strict
        self._queries: dict[Name, bytes] = {}
        self.failures: dict[TableName, Error] = {}
        """The errors of the tables that the latest `next_due` has left out, unless locked."""

    async def next_due(
        self,
        conn: AsyncConnection[Any],
        skip: Collection[TableName] = (),
        refused: Mapping[TableName, str] = _NOTHING_REFUSED,
    ) -> tuple[list[Due], set[TableName]]:
        """Return when the first waiting row of each table is due; no answer without such a row.

        Args:
            conn: The worker's connection.
            skip: The tables to leave out.
            refused: The ids that do not count, as an array's text, of each table that has some.
        """
        self.failures = {}
        rows, locked = await self._query(conn, "next_due", {}, skip, refused)
        return [Due(*row) for row in rows], locked

    async def suspects(
        self,
        conn: AsyncConnection[Any],
        skip: Collection[TableName] = (),
        refused: Mapping[TableName, str] = _NOTHING_REFUSED,
    ) -> tuple[dict[TableName, Suspects], set[TableName]]:
        """Return each table's due suspects: how many, by the deaths of workers in a row.

        The arguments are those of `next_due`.
        """
        parameters = {"errors": DEATH_ERRORS, "searched": SUSPECTS_SEARCHED}
        rows, locked = await self._query(conn, "suspects", parameters, skip, refused)
        found: dict[TableName, Suspects] = defaultdict(dict)
        for table, deaths, jobs in rows:
            found[table][deaths] = jobs
        return found, locked

    async def count_claimed(
        self, conn: AsyncConnection[Any], worker: UUID, skip: Collection[TableName] = ()
    ) -> tuple[dict[TableName, ClaimedRows], set[TableName]]:
        """Return what each table says this worker has claimed."""
        rows, locked = await self._query(conn, "count_claimed", {"worker": worker}, skip)
        return {table: ClaimedRows(*claimed) for table, *claimed in rows}, locked

    async def cancellations(
        self, conn: AsyncConnection[Any], worker: UUID
    ) -> tuple[list[CancellationRequest], set[TableName]]:
        """Return the open requests to cancel jobs."""
        rows, locked = await self._query(conn, "cancellations", {"worker": worker}, ())
        return [CancellationRequest(*row) for row in rows], locked

    def orphaned(self, conn: Connection[Any]) -> list[TableName]:
        """Return the tables with rows whose worker is gone, over a synchronous connection.

        Raises psycopg.Error if the connection broke.
        """
        try:
            return execute_with_timeouts(conn, self._for_all("orphaned"), scalar_row)
        except Error:
            if conn.closed:
                raise
            locked = find_locked_tables_sync(conn, self._tables.values(), BLOCKS_READS)
            return [
                name
                for name, table in self._tables.items()
                if table.sql_name not in locked
                and _returns_a_row(conn, self._for("orphaned", name))
            ]

    async def _query(
        self,
        conn: AsyncConnection[Any],
        name: Name,
        parameters: dict[str, Any],
        skip: Collection[TableName],
        refused: Mapping[TableName, str] = _NOTHING_REFUSED,
    ) -> tuple[list[tuple[Any, ...]], set[TableName]]:
        rows: list[tuple[Any, ...]] = []
        locked: set[TableName] = set()
        async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
            if not skip:
                try:
                    await cursor.execute(self._for_all(name, refused), parameters)
                    return await cursor.fetchall(), locked
                except Error:
                    if conn.closed:
                        raise
            tables = [table for name, table in self._tables.items() if name not in skip]
            blocked = await find_locked_tables(conn, tables, BLOCKS_READS)
            locked |= {table.qualified_name for table in tables if table.sql_name in blocked}
            for table in self._tables:
                if table in skip or table in locked:
                    continue
                try:
                    await cursor.execute(self._for(name, table, refused), parameters)
                    rows += await cursor.fetchall()
                except LockNotAvailable:
                    locked.add(table)
                except Error as error:
                    if conn.closed:
                        raise
                    if name == "next_due":
                        self.failures[table] = error
        return rows, locked

    def _for_all(self, name: Name, refused: Mapping[TableName, str] = _NOTHING_REFUSED) -> bytes:
        if refused or name not in self._queries:
            every = [self._compose(name, table, refused) for table in self._tables]
            query = sql.SQL("({})").format(sql.SQL(") UNION ALL (").join(every)).as_bytes(None)
            if refused:
                return query
            self._queries[name] = query
        return self._queries[name]

    def _for(
        self, name: Name, table: TableName, refused: Mapping[TableName, str] = _NOTHING_REFUSED
    ) -> bytes:
        return self._compose(name, table, refused).as_bytes(None)

    def _compose(
        self, name: Name, table: TableName, refused: Mapping[TableName, str]
    ) -> sql.Composed:
        if name == "next_due" and table in self._strict:
            name = "next_due_strict"
        more: dict[str, sql.Composable] = {"table_name": quote_text(table)}
        if table in refused:
            more["not_refused"] = sql.SQL("AND id <> ALL ({}::UUID[])").format(refused[table])
        return Names(self._tables[table]).compose(name, **more)


def _returns_a_row(conn: Connection[Any], query: bytes) -> bool:
    try:
        return bool(execute_with_timeouts(conn, query, scalar_row))
    except Error:
        if conn.closed:
            raise
        return False
