"""What the workers of all machines run, for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from jobgen_runtime.database import Statement, fetch_rows_sync
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose


@dataclass(frozen=True, slots=True)
class LiveWorker:
    """A worker process that keeps its row alive."""

    id: UUID
    host: str
    pid: int
    version: str
    silent_for: timedelta
    """The time since its last heartbeat."""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that runs, as far as the database knows."""

    id: UUID
    attempt: int
    worker: UUID | None
    runs_for: timedelta | None
    """The time since it was claimed; None if the row does not say."""


def fetch_live_workers_sync(conn: Connection[Any], table: Table, *, limit: int) -> list[LiveWorker]:
    """Return live workers, of whatever kinds; `table` is any job table of the database."""
    statement = Statement(compose(table, "live_workers"), {"limit": limit}, own_types=True)
    return fetch_rows_sync(conn, [statement], class_row(LiveWorker))


def fetch_running_jobs_sync(conn: Connection[Any], table: Table, *, limit: int) -> list[RunningJob]:
    """Return running jobs of a kind."""
    statement = Statement(compose(table, "running_jobs"), {"limit": limit}, own_types=True)
    return fetch_rows_sync(conn, [statement], class_row(RunningJob))


def request_inspection_sync(conn: Connection[Any]) -> bool:
    """Ask all workers that listen to log what they run; return whether that could be sent."""
    statement = Statement(read("request_inspection").encode(), own_types=True)
    return bool(fetch_rows_sync(conn, [statement], scalar_row))
