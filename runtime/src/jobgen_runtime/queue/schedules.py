"""The statements about schedules: which are due, their ticks, and what the code defines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor
from psycopg.errors import UniqueViolation
from psycopg.rows import BaseRowFactory, class_row, scalar_row, tuple_row

from jobgen_runtime.control.scheduled_jobs import insert_statement, read_values, with_values
from jobgen_runtime.database import fetch_rows
from jobgen_runtime.record.insert_observer import observation
from jobgen_runtime.schedule.definitions import Definition
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose

Conn = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class DueSchedule:
    """A schedule that is due, and locked by this transaction."""

    name: str
    expression: str
    timezone: str
    values: str
    """A JSON object, by column."""
    catch_up: str
    catch_up_limit: int
    due_at: datetime | None
    """The tick that is due; None if it has not been computed yet."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Advance:
    """What to write to a schedule's row after its ticks."""

    name: str
    next_at: datetime | None
    """The next tick; None: never."""
    last_at: datetime | None = None
    """The tick that has inserted a job now; None if none has."""
    last_job_id: UUID | None = None
    error: str | None = None
    """Why the last of the ticks has not inserted a job."""


@dataclass(frozen=True, slots=True)
class ComputedTick:
    """A schedule's next tick, as a worker has computed it."""

    name: str
    expression: str
    timezone: str
    next_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds until the first schedule of each table is due, None if none ever is; and the time."""

    seconds: Mapping[str, float | None]
    """By the quoted name of the table. A table without active schedules is left out."""
    now: float
    """The database's clock, in seconds; 0 if no table has schedules."""


async def has_schedules(conn: Conn, tables: Sequence[Table]) -> bool:
    """Return whether any of the tables has a schedule that is not paused."""
    query, parameters = read("has_schedules").encode(), {"tables": [t.sql_name for t in tables]}
    return bool((await _run(conn, query, scalar_row, parameters))[0])


async def fetch_forecast(conn: Conn, tables: Sequence[Table]) -> Forecast:
    """Return when the first schedule of each table is due."""
    query, parameters = read("next_schedules").encode(), {"tables": [t.sql_name for t in tables]}
    rows = await _run(conn, query, tuple_row, parameters)
    return Forecast({name: seconds for name, seconds, _ in rows}, rows[0][2] if rows else 0.0)


class Schedules:
    """The schedules of one job table. Every method raises psycopg.Error."""

    def __init__(self, table: Table) -> None:
        self.table = table

    async def lock_due(self, conn: Conn, *, limit: int) -> list[DueSchedule]:
        """Lock the first schedules that are due and not locked, and return them.

        They stay locked until the end of the transaction that the caller has begun.
        """
        rows = class_row(DueSchedule)
        return await self._execute(conn, "lock_due_schedules", rows, limit=limit)

    async def insert(
        self, conn: Conn, values: Sequence[str], run_at: Sequence[datetime]
    ) -> list[UUID]:
        """Insert jobs with values for the same columns, and return their ids, in order.

        There are fewer ids than jobs if a trigger or a policy suppressed some.

        Raises:
            JobgenRuntimeError: The values are for a column that the runtime fills.
        """
        if observation.observer is None:
            statement = insert_statement(self.table, values, run_at)
            return await fetch_rows(conn, [statement], scalar_row)
        refused: UniqueViolation | None = None
        ids: list[UUID] = []
        rows = [read_values(text) for text in values]
        with observation.observer(self.table, rows) as insert:
            texts = [
                with_values(text, {name: new[name] for name in new.keys() - old.keys()})
                for text, old, new in zip(values, rows, insert.rows, strict=True)
            ]
            statement = insert_statement(self.table, texts, run_at)
            try:
                ids = await fetch_rows(conn, [statement], scalar_row)
            except UniqueViolation as error:
                # That another job is unfinished is no fault of the schedule.
                refused = error
            insert.inserted(ids, is_new=refused is None)
        if refused is not None:
            raise refused
        return ids

    async def advance(self, conn: Conn, advances: Sequence[Advance]) -> None:
        """Set the next ticks of schedules, in the transaction that has locked them."""
        await self._execute(
            conn,
            "advance_schedules",
            tuple_row,
            names=[each.name for each in advances],
            next_at=[each.next_at for each in advances],
            last_at=[each.last_at for each in advances],
            last_job_id=[each.last_job_id for each in advances],
            last_error=[each.error for each in advances],
        )

    async def define(
        self, conn: Conn, definition: Definition, worker: UUID, *, is_start: bool
    ) -> bool | None:
        """Write a definition of the code, if it may replace the one that is there.

        Args:
            conn: The connection.
            definition: The definition.
            worker: The id of this worker.
            is_start: Whether the worker has just started: it then replaces that of a live worker.

        Returns:
            True if the schedule is new, False if it was written again, None if it was left alone.
        """
        found = await self._execute(
            conn,
            "define_schedule",
            scalar_row,
            **asdict(definition),
            worker=worker,
            is_start=is_start,
        )
        return bool(found[0]) if found else None

    async def delete_undefined(self, conn: Conn, names: Collection[str]) -> list[str]:
        """Delete the code's schedules that are not among `names`, nor a live worker's."""
        query = "delete_undefined_schedules"
        return await self._execute(conn, query, scalar_row, names=list(names))

    async def taken_names(self, conn: Conn, names: Collection[str]) -> list[str]:
        """Return which of the names belong to a schedule that is not the code's."""
        return await self._execute(conn, "taken_schedule_names", scalar_row, names=list(names))

    async def computed_ticks(self, conn: Conn, *, after: str, limit: int) -> list[ComputedTick]:
        """Return schedules whose next tick was computed, by their names, from `after` on."""
        rows = class_row(ComputedTick)
        return await self._execute(conn, "computed_ticks", rows, after=after, limit=limit)

    async def correct(self, conn: Conn, tick: ComputedTick, next_at: datetime) -> None:
        """Replace a computed tick, unless the schedule has changed meanwhile."""
        await self._execute(
            conn, "correct_tick", tuple_row, name=tick.name, old=tick.next_at, next_at=next_at
        )

    async def _execute(
        self, conn: Conn, query: str, rows: BaseRowFactory[Any], /, **parameters: object
    ) -> list[Any]:
        return await _run(conn, compose(self.table, query).as_bytes(None), rows, parameters)


async def _run(
    conn: Conn, query: bytes, rows: BaseRowFactory[Any], parameters: Mapping[str, object]
) -> list[Any]:
    async with AsyncCursor(conn, row_factory=rows) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall() if cursor.description else []
