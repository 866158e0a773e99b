"""Questions to all of a worker's tables at once, each one query however many tables there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, Connection, Error, sql
from psycopg.errors import LockNotAvailable
from psycopg.rows import scalar_row, tuple_row

from jobgen_runtime.database.sessions import patiently
from jobgen_runtime.queue.statements import Name, Names
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class Due:
    """A table's first waiting row: `place` is the table's in the list that was asked for.

    `seconds` from now by the database's clock, below zero if it is due, None for never;
    `suspect`: its last worker died, so it must run alone.
    """

    place: int
    seconds: float | None
    suspect: bool


@dataclass(frozen=True, slots=True)
class Held:
    """How many `rows` a table says a worker holds, and the `latest` claim's locked_at as text.

    `cancellations`: whether jobs of the table are to be cancelled, on whichever worker.
    """

    rows: int
    latest: str | None
    cancellations: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A `job` that is to be cancelled: whether it `runs`, and if so, is this worker's (`mine`)."""

    place: int
    job: UUID
    runs: bool
    mine: bool


class Probes:
    """Each answer names a table by its place in the list given here.

    A table that the database has an error for (it is dropped and made again, say) is left out, and
    so are those `without`. What is locked comes beside the answers: the places of the tables that
    someone has locked. `strict`: the places of those whose order is strict.
    """

    def __init__(self, tables: Sequence[Table], *, strict: Collection[int] = ()) -> None:
        self._tables = tables
        self._strict = strict
        self._queries: dict[Name, bytes] = {}

    async def next_due(
        self, conn: AsyncConnection[Any], without: Collection[int] = ()
    ) -> tuple[list[Due], set[int]]:
        """One for each table that has a waiting row; and what is locked."""
        rows, locked = await self._ask(conn, "next_due", {}, without)
        return [Due(*row) for row in rows], locked

    async def held(
        self, conn: AsyncConnection[Any], worker: UUID, without: Collection[int] = ()
    ) -> tuple[dict[int, Held], set[int]]:
        """What each table says this worker holds; and what is locked."""
        rows, locked = await self._ask(conn, "held", {"worker": worker}, without)
        return {place: Held(*held) for place, *held in rows}, locked

    async def cancellations(
        self, conn: AsyncConnection[Any], worker: UUID
    ) -> tuple[list[Request], set[int]]:
        """What operators have asked to cancel and has not been resolved; and what is locked."""
        rows, locked = await self._ask(conn, "cancellations", {"worker": worker}, ())
        return [Request(*row) for row in rows], locked

    def orphaned(self, conn: Connection[Any]) -> list[int]:
        """The tables that have rows whose worker is gone, for a heartbeat's plain connection."""
        try:
            return patiently(conn, self._of_all("orphaned"), scalar_row)
        except Error:
            if conn.closed:
                raise
            return [
                place
                for place in range(len(self._tables))
                if _answers(conn, self._of("orphaned", place))
            ]

    async def _ask(
        self,
        conn: AsyncConnection[Any],
        name: Name,
        parameters: dict[str, Any],
        without: Collection[int],
    ) -> tuple[list[tuple[Any, ...]], set[int]]:
        rows: list[tuple[Any, ...]] = []
        locked: set[int] = set()
        async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
            if not without:
                try:
                    await cursor.execute(self._of_all(name), parameters)
                    return await cursor.fetchall(), locked
                except Error:
                    if conn.closed:
                        raise
            for place in range(len(self._tables)):
                if place in without:
                    continue
                try:
                    await cursor.execute(self._of(name, place), parameters)
                    rows += await cursor.fetchall()
                except LockNotAvailable:
                    locked.add(place)
                except Error:
                    if conn.closed:
                        raise
        return rows, locked

    def _of_all(self, name: Name) -> bytes:
        if name not in self._queries:
            every = [self._compose(name, place) for place in range(len(self._tables))]
            query = sql.SQL("({})").format(sql.SQL(") UNION ALL (").join(every))
            self._queries[name] = query.as_bytes(None)
        return self._queries[name]

    def _of(self, name: Name, place: int) -> bytes:
        return self._compose(name, place).as_bytes(None)

    def _compose(self, name: Name, place: int) -> sql.Composed:
        if name == "next_due" and place in self._strict:
            name = "next_due_strict"
        return Names(self._tables[place]).compose(name, place=sql.Literal(place))


def _answers(conn: Connection[Any], query: bytes) -> bool:
    try:
        return bool(patiently(conn, query, scalar_row))
    except Error:
        if conn.closed:
            raise
        return False
