"""A clock that tests can move, for what is due later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from psycopg.rows import scalar_row

from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.database import Statement, execute, execute_sync, fetch_rows, fetch_rows_sync
from jobgen_runtime.database.callers import AsyncCallerConnection, CallerConnection
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose
from jobgen_runtime.testing.errors import TestingError
from jobgen_runtime.testing.kinds import known_job_records


class Clock:
    """The time by which jobs and schedules are due.

    Workers go by the clock of the database, which tests cannot set. So moving this clock ahead
    moves the times of all jobs and schedules back instead: `created_at`, `updated_at`, `locked_at`
    and `run_at` of jobs, and the ticks of schedules. How long a job has waited, and when it is due
    next, is then as if that time had passed. Python's clock, the `NOW()` of your statements, and
    your own columns stay as they are.
    """

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        """By how much the clock is ahead of the database's."""

    def now(self) -> datetime:
        """Return the time of this clock."""
        return datetime.now(UTC) + self.ahead

    async def advance(self, by: timedelta, /, conn: AsyncCallerConnection | None = None) -> None:
        """Move the clock ahead.

        Args:
            by: By how much; not negative.
            conn: The connection to use; None for one of the pool.

        Raises:
            TestingError: `by` is negative, or not a timedelta.
        """
        _require_ahead(by)
        tables = await fetch_rows(conn, [_existing()], scalar_row)
        await execute(conn, _moves(tables, by))
        self.ahead += by

    def advance_sync(self, by: timedelta, /, conn: CallerConnection | None = None) -> None:
        """Move the clock ahead; the synchronous version of `advance`."""
        _require_ahead(by)
        tables = fetch_rows_sync(conn, [_existing()], scalar_row)
        execute_sync(conn, _moves(tables, by))
        self.ahead += by

    async def move_to(self, moment: datetime, /, conn: AsyncCallerConnection | None = None) -> None:
        """Move the clock ahead to a moment, which has a time zone.

        Raises:
            TestingError: The clock is past it.
        """
        await self.advance(moment - self.now(), conn)

    def move_to_sync(self, moment: datetime, /, conn: CallerConnection | None = None) -> None:
        """Move the clock ahead to a moment; the synchronous version of `move_to`."""
        self.advance_sync(moment - self.now(), conn)

    def reset(self) -> None:
        """Let the clock show the database's time again; the rows stay as they are."""
        self.ahead = timedelta(0)


clock = Clock()
"""The clock of this process's tests. It is reset after each test."""


def _require_ahead(by: object) -> None:
    if not isinstance(by, timedelta):
        raise TestingError(f"The clock is moved by a timedelta, not by {by!r}.")
    if by < timedelta(0):
        raise TestingError(
            f"The clock cannot be moved back, by {duration_text(-by)}.",
            hint="Each test begins at the present.",
        )


def _existing() -> Statement:
    names = [each.__table__.sql_name for each in known_job_records()]
    return Statement(read("existing_tables").encode(), {"tables": names}, own_types=True)


def _moves(existing: Sequence[str], by: timedelta) -> list[Statement]:
    records = known_job_records()
    tables = [each.__table__ for each in records if each.__table__.sql_name in existing]
    return [statement for table in tables for statement in move_back(table, by)]


def move_back(table: Table, by: timedelta) -> list[Statement]:
    """Return the statements that move the times of a table's jobs and schedules back."""
    return [
        Statement(compose(table, name), {"by": by})
        for name in ("move_back_times", "move_back_schedules")
    ]
