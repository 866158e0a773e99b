"""Pause, resume and inspect a kind of job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row, scalar_row

from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.table import Table, compose

Conn = AsyncConnection[Any] | None
ConnSync = Connection[Any] | None


@dataclass(frozen=True, slots=True)
class KindStatus:
    """How many jobs of a kind wait and run, and on how many workers."""

    paused_at: datetime | None
    """Since when no job of the kind starts; None if the kind is not paused."""

    waiting: int
    running: int
    workers: int
    """How many live workers process the kind."""


async def pause_kind(conn: Conn, table: Table) -> bool:
    """Let no job of the kind start on any worker; running jobs continue.

    Returns:
        False if the kind was paused before.
    """
    return bool(await fetch_rows(conn, [_pause(table)], scalar_row))


def pause_kind_sync(conn: ConnSync, table: Table) -> bool:
    """Pause a kind; the synchronous version of `pause_kind`."""
    return bool(fetch_rows_sync(conn, [_pause(table)], scalar_row))


async def resume_kind(conn: Conn, table: Table) -> bool:
    """Let jobs of the kind start again, those that are due at once.

    Returns:
        False if the kind was not paused.
    """
    return bool(await fetch_rows(conn, [_resume(table)], scalar_row))


def resume_kind_sync(conn: ConnSync, table: Table) -> bool:
    """Resume a kind; the synchronous version of `resume_kind`."""
    return bool(fetch_rows_sync(conn, [_resume(table)], scalar_row))


def fetch_kind_status(conn: ConnSync, table: Table) -> KindStatus:
    """Return the status of the kind."""
    statement = Statement(
        compose(table, "kind_status"), {"table": table.qualified_name}, own_types=True
    )
    [status] = fetch_rows_sync(conn, [statement], class_row(KindStatus))
    return status


def _pause(table: Table) -> Statement:
    return Statement(compose(table, "pause_kind"), {}, own_types=True)


def _resume(table: Table) -> Statement:
    return Statement(compose(table, "resume_kind"), {}, own_types=True)
