"""Find schedules that cannot insert their jobs, and what a database needs for schedules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.rows import tuple_row

from jobgen_runtime.control import ScheduleStatus, fetch_schedules
from jobgen_runtime.control.scheduled_jobs import SKIPPED
from jobgen_runtime.job import Job
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.schedule.definitions import definitions_of, schedules_of
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

JobClass = type[Job[Any]]

RIGHTS_FOR_SCHEDULES = ("SELECT", "INSERT", "UPDATE", "DELETE")
"""The rights on `job_schedules` of a worker whose classes have schedules."""

_IN_CODE = "Change `values` of the schedule in its class, or the table."
_IN_ROW = "Change its row in job_schedules, or the table."


def has_schedules(job: JobClass) -> bool:
    """Return whether the class has schedules, so that workers insert jobs of this kind."""
    return bool(schedules_of(job))


async def find_schedule_problems(
    conn: AsyncConnection[Any], tables: Mapping[JobClass, Table]
) -> list[Problem]:
    """Return a problem for each schedule whose values do not fit its table, or with an error.

    Those in the code are examined too if no worker has written them yet.
    """
    if not tables:
        return []
    try:
        rows = await fetch_schedules(conn, list(tables.values()))
        required = await _required_columns(conn, list(tables.values()))
    except Error:
        # A missing table or right is reported separately.
        if conn.closed:
            raise
        return []
    problems: list[Problem] = []
    for job, table in tables.items():
        needed = required.get(table.sql_name, [])
        defined = definitions_of(job)
        for each in defined.values():
            where = f"{job.__name__}: the schedule {each.name!r}"
            problems += _value_problems(where, each.values, table, needed, _IN_CODE)
        for row in rows:
            if row.table is not None and row.table.qualified_name == table.qualified_name:
                where = f"{job.__name__}: the schedule {row.name!r}"
                if row.source != "code":
                    problems += _value_problems(where, row.values, table, needed, _IN_ROW)
                problems += _error_problems(where, row)
    return problems


def _value_problems(
    where: str, values: str, table: Table, required: Sequence[str], hint: str
) -> Iterator[Problem]:
    given = json.loads(values)
    unknown = [name for name in given if name not in table.columns]
    missing = [name for name in required if name not in given]
    name = table.qualified_name
    if unknown:
        message = f"{where} has values for {', '.join(unknown)}, which {name} does not have."
        yield Problem(message, is_fatal=False, hint=hint)
    if missing:
        message = (
            f"{where} has no value for {', '.join(missing)}: {name} requires it and has no default."
        )
        yield Problem(message, is_fatal=False, hint=hint)


def _error_problems(where: str, row: ScheduleStatus) -> Iterator[Problem]:
    if row.last_error is not None and not row.last_error.startswith(SKIPPED):
        yield Problem(
            f"{where} inserted no job at its last tick: {row.last_error}",
            is_fatal=False,
            hint="It is not due again before it is changed."
            if row.is_never_due
            else "Its next tick tries again.",
        )


async def _required_columns(
    conn: AsyncConnection[Any], tables: Sequence[Table]
) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
        parameters = {"tables": [table.sql_name for table in tables]}
        await cursor.execute(read("required_columns").encode(), parameters)
        for table, column in await cursor.fetchall():
            found.setdefault(table, []).append(column)
    return found
