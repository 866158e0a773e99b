"""Pause, resume and inspect a kind of job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row, tuple_row

from jobgen_runtime.database import (
    AsyncCallerConnection,
    CallerConnection,
    Statement,
    fetch_rows,
    fetch_rows_sync,
)
from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose

Conn = AsyncCallerConnection | None
ConnSync = CallerConnection | None


CAP = 10_000
"""Jobs of one status that are counted, at most."""

FIRST_ROWS = 5 * CAP
"""Rows that are read, at most, where no index finds those of one status alone."""


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """A number of jobs, exact or a lower bound."""

    number: int
    has_more: bool = False
    """Whether there may be more."""

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.has_more else ''}"


@dataclass(frozen=True, slots=True)
class KindStatus:
    """How many jobs of a kind there are, and on how many workers.

    Numbers are exact up to CAP. More are not counted, so that a status does not read all rows.
    """

    paused_at: datetime | None
    """Since when no job of the kind starts; None if the kind is not paused."""

    workers: int
    """How many live workers process the kind."""

    waiting: BoundedCount
    running: BoundedCount
    succeeded: BoundedCount
    failed: BoundedCount
    timed_out: BoundedCount


@dataclass(frozen=True, slots=True)
class _Row:
    paused_at: datetime | None
    workers: int
    waiting: int
    running: int
    failed: int
    timed_out: int
    ended_badly: int


@dataclass(frozen=True, slots=True)
class _FirstRows:
    succeeded: int
    rows: int
    estimated: int | None


async def pause_kind(conn: Conn, table: Table) -> bool:
    """Let no job of the kind start on any worker; running jobs continue.

    Returns:
        False if the kind was paused before.
    """
    return bool(await fetch_rows(conn, [_pause(table)], tuple_row))


def pause_kind_sync(conn: ConnSync, table: Table) -> bool:
    """Pause a kind; the synchronous version of `pause_kind`."""
    return bool(fetch_rows_sync(conn, [_pause(table)], tuple_row))


async def resume_kind(conn: Conn, table: Table) -> bool:
    """Let jobs of the kind start again; jobs that are due start at once.

    Returns:
        False if the kind was not paused.
    """
    return bool(await fetch_rows(conn, [_resume(table)], tuple_row))


def resume_kind_sync(conn: ConnSync, table: Table) -> bool:
    """Resume a kind; the synchronous version of `resume_kind`."""
    return bool(fetch_rows_sync(conn, [_resume(table)], tuple_row))


def fetch_kind_status(conn: Connection[Any], table: Table) -> KindStatus:
    """Return the status of the kind, at a cost that does not grow with its table.

    Raises:
        psycopg.errors.QueryCanceled: It takes longer than a few seconds nevertheless, as on a table
        without the indexes of a job table.
    """
    bounds = {"cap": CAP + 1, "first_rows": FIRST_ROWS}
    parameters = {"table": table.qualified_name, **bounds}
    # Sent together, the statements are one transaction.
    query = b";\n".join(
        (read("plan_by_index").encode(), compose(table, "kind_status").as_bytes(None))
    )
    [row] = execute_with_timeouts(conn, query, class_row(_Row), parameters)
    query = compose(table, "count_succeeded").as_bytes(None)
    [first] = execute_with_timeouts(conn, query, class_row(_FirstRows), bounds)
    has_more = row.ended_badly == FIRST_ROWS
    return KindStatus(
        row.paused_at,
        row.workers,
        waiting=_bounded(row.waiting),
        running=_bounded(row.running),
        succeeded=_succeeded(first),
        failed=_bounded(row.failed, has_more=has_more),
        timed_out=_bounded(row.timed_out, has_more=has_more),
    )


def _bounded(number: int, *, has_more: bool = False) -> BoundedCount:
    return BoundedCount(min(number, CAP), has_more or number > CAP)


def _succeeded(first: _FirstRows) -> BoundedCount:
    """Return the number of succeeded jobs, which no index finds."""
    if first.rows < FIRST_ROWS:
        return _bounded(first.succeeded)
    more = CAP + 1 if (first.estimated or 0) > CAP else 0
    return _bounded(max(first.succeeded, more), has_more=True)


async def fetch_live_workers(conn: Conn, table: Table) -> int:
    """Return how many live workers process a table, whose schema must be given."""
    statement = Statement(
        compose(table, "count_live_workers"),
        {"names": [table.name, table.qualified_name]},
        own_types=True,
    )
    [workers] = await fetch_rows(conn, [statement], scalar_row)
    return int(workers)


def _pause(table: Table) -> Statement:
    return Statement(compose(table, "pause_kind"), {}, own_types=True)


def _resume(table: Table) -> Statement:
    return Statement(compose(table, "resume_kind"), {}, own_types=True)
