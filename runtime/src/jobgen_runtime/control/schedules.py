"""The schedules of recurring jobs, for operators: list, add, pause, resume, remove, run now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row, scalar_row

from jobgen_runtime.contract.errors import JobgenRuntimeError, UnknownName
from jobgen_runtime.control.scheduled_jobs import check_values, insert_statement
from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.schedule import Recurrence
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose

Conn = AsyncConnection[Any] | None
ConnSync = Connection[Any] | None

MAX_SCHEDULES = 1000
"""Schedules that are listed at most unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """A schedule and its state, as an operator sees it."""

    schema: str | None
    table_name: str | None
    """None if the table was dropped."""
    is_visible: bool | None
    """Whether the search_path finds the table."""
    name: str
    expression: str
    timezone: str
    values: str
    """The values of the job's columns, a JSON object."""
    catch_up: str
    catch_up_limit: int
    source: str
    """Who has added it: "code" or "operator"."""
    created_at: datetime
    paused_at: datetime | None
    next_at: datetime | None
    """The next tick; None if a worker has yet to compute it, or if it is never due."""
    is_never_due: bool
    last_at: datetime | None
    """The last tick that inserted a job; None if none has."""
    last_job_id: UUID | None
    last_error: str | None
    """Why the last tick inserted no job; None if it did."""
    has_workers: bool
    """Whether a live worker has the class of the job."""
    is_defined: bool
    """Whether the worker that wrote the schedule is alive; True for those of operators."""

    @property
    def table(self) -> Table | None:
        """The job table, without its columns; None if it was dropped."""
        if self.table_name is None:
            return None
        schema = None if self.is_visible else self.schema
        return Table(self.table_name, schema=schema, columns=())

    @property
    def problem(self) -> str | None:
        """Why it does not run as it should, as a sentence; None if it does."""
        if self.table_name is None:
            return "Its job table was dropped."
        if self.last_error is not None:
            return self.last_error
        if not self.has_workers:
            return "No live worker has its job class, so it does not run."
        if not self.is_defined:
            return (
                "The worker that wrote it has ended. Another one takes it over within five minutes "
                "if its code has it; otherwise workers delete it, unless it is paused."
            )
        return None


async def fetch_schedules(
    conn: Conn, tables: Sequence[Table] | None = None, *, limit: int = MAX_SCHEDULES
) -> list[ScheduleStatus]:
    """Return the schedules of job tables, in the order of their tables and names.

    Args:
        conn: The connection; None for one of the pool's.
        tables: The job tables; None for all, also those of classes that are gone.
        limit: How many to return at most.
    """
    return await fetch_rows(conn, [_list(tables, limit)], class_row(ScheduleStatus))


def fetch_schedules_sync(
    conn: ConnSync, tables: Sequence[Table] | None = None, *, limit: int = MAX_SCHEDULES
) -> list[ScheduleStatus]:
    """Return the schedules of job tables; the synchronous version of `fetch_schedules`."""
    return fetch_rows_sync(conn, [_list(tables, limit)], class_row(ScheduleStatus))


async def add_schedule(conn: Conn, table: Table, schedule: Recurrence, values: str = "{}") -> None:
    """Add a schedule of an operator; workers meet it within a second.

    Args:
        conn: The connection; None for one of the pool's.
        table: The job table.
        schedule: The rule, with its name and its policy; its `values` are not used.
        values: The values of the job's columns, a JSON object by column.

    Raises:
        JobgenRuntimeError: The values do not fit the table, or there is a schedule of that name.
    """
    _require_added(
        table, schedule, await fetch_rows(conn, [_add(table, schedule, values)], scalar_row)
    )


def add_schedule_sync(
    conn: ConnSync, table: Table, schedule: Recurrence, values: str = "{}"
) -> None:
    """Add a schedule; the synchronous version of `add_schedule`."""
    _require_added(
        table, schedule, fetch_rows_sync(conn, [_add(table, schedule, values)], scalar_row)
    )


async def change_schedule(
    conn: Conn, table: Table, schedule: Recurrence, values: str = "{}"
) -> None:
    """Give a schedule of an operator another rule, policy and values; `schedule` has its name.

    Its next tick is computed again if the rule has changed.

    Raises:
        UnknownName: There is no such schedule.
        JobgenRuntimeError: The values do not fit the table, or the schedule is in the code.
    """
    rows = await fetch_rows(conn, [_change(table, schedule, values)], scalar_row)
    if not _found(table, schedule.name, rows):
        raise JobgenRuntimeError(
            f"The schedule {schedule.name!r} of {table.qualified_name} comes from the code.",
            hint="Change it in the option `schedule` of its class.",
        )


async def pause_schedule(conn: Conn, table: Table, name: str) -> bool:
    """Insert no jobs of a schedule until it is resumed; return whether that changed anything.

    Raises:
        UnknownName: There is no such schedule.
    """
    return _found(
        table, name, await fetch_rows(conn, [_pause(table, name, pause=True)], scalar_row)
    )


def pause_schedule_sync(conn: ConnSync, table: Table, name: str) -> bool:
    """Pause a schedule; the synchronous version of `pause_schedule`."""
    return _found(table, name, fetch_rows_sync(conn, [_pause(table, name, pause=True)], scalar_row))


async def resume_schedule(conn: Conn, table: Table, name: str) -> bool:
    """Let a schedule insert jobs again; return whether that changed anything.

    The ticks of the time in which it was paused are not caught up.

    Raises:
        UnknownName: There is no such schedule.
    """
    return _found(
        table, name, await fetch_rows(conn, [_pause(table, name, pause=False)], scalar_row)
    )


def resume_schedule_sync(conn: ConnSync, table: Table, name: str) -> bool:
    """Resume a schedule; the synchronous version of `resume_schedule`."""
    return _found(
        table, name, fetch_rows_sync(conn, [_pause(table, name, pause=False)], scalar_row)
    )


async def remove_schedule(conn: Conn, table: Table, name: str) -> None:
    """Delete a schedule.

    Raises:
        UnknownName: There is no such schedule.
        JobgenRuntimeError: The code of a live worker has it, so it would come back.
    """
    rows = await fetch_rows(conn, [_remove(table, name)], scalar_row)
    _require_removed(table, name, is_removed=_found(table, name, rows))


def remove_schedule_sync(conn: ConnSync, table: Table, name: str) -> None:
    """Delete a schedule; the synchronous version of `remove_schedule`."""
    rows = fetch_rows_sync(conn, [_remove(table, name)], scalar_row)
    _require_removed(table, name, is_removed=_found(table, name, rows))


async def run_schedule_now(conn: Conn, table: Table, name: str) -> UUID | None:
    """Insert a job of a schedule now, paused or not; its next tick stays.

    Returns:
        The job's id; None if a trigger or a policy of the table suppressed the INSERT.

    Raises:
        UnknownName: There is no such schedule.
    """
    found = await fetch_rows(conn, [_values(table, name)], scalar_row)
    values = _found_values(table, name, found)
    jobs = await fetch_rows(conn, [insert_statement(table, [values], [None])], scalar_row)
    return jobs[0] if jobs else None


def run_schedule_now_sync(conn: ConnSync, table: Table, name: str) -> UUID | None:
    """Insert a job of a schedule now; the synchronous version of `run_schedule_now`."""
    values = _found_values(table, name, fetch_rows_sync(conn, [_values(table, name)], scalar_row))
    jobs = fetch_rows_sync(conn, [insert_statement(table, [values], [None])], scalar_row)
    return jobs[0] if jobs else None


def _list(tables: Sequence[Table] | None, limit: int) -> Statement:
    names = None if tables is None else [table.sql_name for table in tables]
    parameters = {"tables": names, "limit": limit}
    return Statement(read("list_schedules").encode(), parameters, own_types=True)


def _add(table: Table, schedule: Recurrence, values: str) -> Statement:
    parameters = _columns(table, schedule, values)
    return Statement(compose(table, "add_schedule"), parameters, own_types=True)


def _change(table: Table, schedule: Recurrence, values: str) -> Statement:
    parameters = _columns(table, schedule, values)
    return Statement(compose(table, "change_schedule"), parameters, own_types=True)


def _columns(table: Table, schedule: Recurrence, values: str) -> Mapping[str, object]:
    check_values(table, values)
    return {
        "name": schedule.name,
        "expression": schedule.text,
        "timezone": schedule.zone_name,
        "values": values,
        "catch_up": schedule.catch_up,
        "catch_up_limit": schedule.catch_up_limit,
    }


def _pause(table: Table, name: str, *, pause: bool) -> Statement:
    parameters = {"name": name, "pause": pause}
    return Statement(compose(table, "pause_schedule"), parameters, own_types=True)


def _remove(table: Table, name: str) -> Statement:
    return Statement(compose(table, "remove_schedule"), {"name": name}, own_types=True)


def _values(table: Table, name: str) -> Statement:
    return Statement(compose(table, "schedule_values"), {"name": name}, own_types=True)


def _require_added(table: Table, schedule: Recurrence, rows: Sequence[Any]) -> None:
    if not rows:
        raise JobgenRuntimeError(
            f"{table.qualified_name} has a schedule {schedule.name!r} already.",
            hint="Choose another name, or remove that one first.",
        )


def _found(table: Table, name: str, rows: Sequence[Any]) -> bool:
    return bool(_only(table, name, rows))


def _found_values(table: Table, name: str, rows: Sequence[Any]) -> str:
    return json.dumps(json.loads(str(_only(table, name, rows))))


def _only(table: Table, name: str, rows: Sequence[Any]) -> Any:
    if not rows:
        raise UnknownName(
            f"{table.qualified_name} has no schedule {name!r}.",
            hint="`manage-jobs schedules` lists them.",
        )
    return rows[0]


def _require_removed(table: Table, name: str, *, is_removed: bool) -> None:
    if not is_removed:
        raise JobgenRuntimeError(
            f"The schedule {name!r} of {table.qualified_name} is in the code of a running worker, "
            "which would add it again.",
            hint="Remove it from the option `schedule` of its class, or pause it.",
        )
