"""Describe one kind of job for `manage-jobs status`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection, Error
from psycopg.errors import InsufficientPrivilege, QueryCanceled

from jobgen_runtime.cli.schedule_commands import describe_schedule
from jobgen_runtime.contract.counted import counted
from jobgen_runtime.control import (
    REGISTER,
    fetch_hidden_rows_sync,
    fetch_kind_status,
    fetch_refused_jobs_sync,
    fetch_schedules_sync,
    fetch_unregistered_kinds_sync,
)
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.sessions import STATEMENT_SECONDS
from jobgen_runtime.table import Table

MAX_LISTED = 5
"""Refused jobs that are listed for each kind, and schedules."""

Conn = Connection[Any]


def describe_status(conn: Conn, table: Table) -> str:
    """Return how many jobs of a kind there are by status, and on how many workers.

    Schedules and refused jobs follow on separate lines, the first few of each.

    Raises:
        psycopg.Error: The database refuses a statement.
    """
    try:
        status = fetch_kind_status(conn, table)
    except QueryCanceled:
        return (
            f"its jobs cannot be counted within {STATEMENT_SECONDS:g} s; does the table have the "
            "indexes that `jobgen job` writes?"
        )
    counts = (
        f"{status.waiting} waiting, {status.running} running, {status.succeeded} succeeded, "
        f"{status.failed} failed, {status.timed_out} timed out, {counted(status.workers, 'worker')}"
    )
    if status.paused_at is not None:
        counts += f", paused since {_time(status.paused_at)}"
    if fetch_hidden_rows_sync(conn, {table.sql_name: ("SELECT",)}):
        counts += (
            f"\n  Row security hides rows of {table.qualified_name} from this role: only those "
            "that it sees are counted."
        )
    return counts + _schedules(conn, table) + _refused(conn, table)


def describe_unregistered(conn: Conn, registered: Sequence[Table]) -> list[str]:
    """Return a line for each job table whose jobs wait although nothing runs them."""
    try:
        found = fetch_unregistered_kinds_sync(conn, registered)
    except Error:
        # A table is locked, or was dropped meanwhile.
        if conn.closed:
            raise
        return []
    return [f"{kind.problem} {REGISTER}" for kind in found]


def _schedules(conn: Conn, table: Table) -> str:
    """Return lines with the first few schedules of the kind."""
    try:
        found = fetch_schedules_sync(conn, [table], limit=MAX_LISTED + 1)
    except InsufficientPrivilege as error:
        return f"\n  Schedules are unknown: {server_reason(error)}"
    lines = [f"\n  {describe_schedule(each, 'schedule')}" for each in found[:MAX_LISTED]]
    if len(found) > MAX_LISTED:
        lines.append("\n  and more: `manage-jobs schedules` lists all")
    return "".join(lines)


def _refused(conn: Conn, table: Table) -> str:
    """Return lines with the number of refused jobs, and the first few with the reason."""
    try:
        refused = fetch_refused_jobs_sync(conn, table, limit=MAX_LISTED)
    except InsufficientPrivilege as error:
        return f"\n  Refused jobs are unknown: {server_reason(error)}"
    if not refused:
        return ""
    total = refused[0].total
    lines = [f"  {total} refused by the database since {_time(refused[0].refused_at)}:"]
    lines += [f"    {job.job} {job.problem}: {' '.join(job.reason.split())}" for job in refused]
    if total > len(refused):
        lines.append(f"    and {total - len(refused)} more")
    return "\n" + "\n".join(lines)


def _time(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")
