"""The schedules that a visitor may see, as the page shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.control import ScheduleStatus, fetch_schedules
from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable

REDACTED = "•••"

LATE = 60.0
"""Seconds after which a tick that no worker has carried out is late."""


@dataclass(frozen=True)
class ShownSchedule:
    """A schedule as the page shows it."""

    table: JobTable
    status: ScheduleStatus
    rights: frozenset[Right]
    now: Moment

    @property
    def next_at(self) -> Moment | None:
        """The next tick; None if a worker has yet to compute it, or if it is never due."""
        return _moment(self.status.next_at)

    @property
    def last_at(self) -> Moment | None:
        """The last tick that inserted a job; None if none has."""
        return _moment(self.status.last_at)

    @property
    def is_late(self) -> bool:
        """Whether no worker has carried out the next tick, which is over."""
        if self.status.paused_at is not None or self.next_at is None:
            return False
        return self.next_at.since(self.now) > LATE

    @property
    def problem(self) -> str | None:
        """Why it does not run as it should; None if it does, or is paused."""
        if self.status.paused_at is not None:
            return None
        problem = self.status.problem
        if problem is None and self.is_late:
            return "Its tick is late: the workers may be too busy, or cannot insert its job."
        return self.table.redact_error(problem) if problem else None

    @property
    def values(self) -> list[tuple[str, str]]:
        """The values of the job's columns, as text."""
        redacted = {column.name for column in self.table.columns if column.is_redacted}
        return [
            (name, REDACTED if name in redacted else _text(value))
            for name, value in json.loads(self.status.values).items()
        ]

    @property
    def is_removable(self) -> bool:
        """Whether no worker would add it again."""
        return self.status.source != "code" or not self.status.is_defined


async def read_schedules(
    conn: AsyncConnection[Any], tables: Sequence[JobTable]
) -> list[tuple[JobTable, ScheduleStatus]]:
    """Return the schedules of tables, in the order of their names.

    Raises:
        psycopg.Error: The table of the schedules does not exist, or may not be read.
    """
    found = {(table.schema, table.name): table for table in tables}
    schedules = await fetch_schedules(conn, [table.record_table for table in tables])
    return [
        (found[each.schema or "", each.table_name or ""], each)
        for each in schedules
        if (each.schema, each.table_name) in found
    ]


def _moment(time: datetime | None) -> Moment | None:
    return None if time is None else Moment(time.timestamp())


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
