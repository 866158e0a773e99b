"""Read the workers and the jobs that they run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.errors import InsufficientPrivilege, LockNotAvailable, UndefinedTable
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement, union
from jobgen_runtime.sql import read

MAX_WORKERS = 200
MAX_RUNNING = 1_000
"""Running jobs of a kind that are read, at most."""

JOB_WORKERS = sql.Identifier("job_workers")


@dataclass(frozen=True)
class Worker:
    """A worker process, as its row describes it."""

    id: str
    host: str
    pid: int
    version: str
    tables: frozenset[str]
    """The names of the tables that it processes, some with their schema."""

    started_at: Moment
    heartbeat_at: Moment
    expires_at: Moment

    @property
    def name(self) -> str:
        """The name for people."""
        return worker_name(self.host, self.pid)

    def is_alive(self, now: Moment) -> bool:
        """Return whether its lease has not expired."""
        return self.expires_at.since(now) < 0

    def processes(self, table: JobTable) -> bool:
        """Return whether it processes a table."""
        return not self.tables.isdisjoint({table.name, f"{table.schema}.{table.name}"})


@dataclass(frozen=True)
class RunningJob:
    """A job that a worker runs."""

    id: UUID
    worker: str | None
    started_at: Moment | None


def worker_name(host: str, pid: int) -> str:
    """Return a worker's name for people."""
    return f"{host}:{pid}"


async def read_workers(conn: AsyncConnection[Any]) -> list[Worker]:
    """Return up to MAX_WORKERS workers, those that are alive first."""
    query = statement("list_workers").format(job_workers=JOB_WORKERS)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"limit": MAX_WORKERS})
        return [_worker(*row) for row in await cursor.fetchall()]


def _worker(
    worker: str, host: str, pid: int, version: str, tables: list[str], *moments: float
) -> Worker:
    started_at, heartbeat_at, expires_at = map(Moment, moments)
    return Worker(
        worker, host, pid, version, frozenset(tables), started_at, heartbeat_at, expires_at
    )


async def read_running(
    conn: AsyncConnection[Any], tables: Sequence[JobTable]
) -> dict[JobTable, list[RunningJob]]:
    """Return up to MAX_RUNNING running jobs of each table."""
    found: dict[JobTable, list[RunningJob]] = {table: [] for table in tables}
    for number, job, worker, started in await _of_each(conn, "list_running", tables):
        started_at = None if started is None else Moment(started)
        found[tables[number]].append(RunningJob(job, worker, started_at))
    return found


async def has_due_jobs(
    conn: AsyncConnection[Any], tables: Sequence[JobTable]
) -> dict[JobTable, bool]:
    """Return whether a job of each table is due."""
    due = {tables[number] for (number,) in await _of_each(conn, "has_due_job", tables)}
    return {table: table in due for table in tables}


async def _of_each(
    conn: AsyncConnection[Any], name: str, tables: Sequence[JobTable]
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement for each of the tables."""
    # The settings of these statements end with their savepoint.
    async with (
        conn.transaction(force_rollback=True),
        conn.cursor(row_factory=tuple_row) as cursor,
    ):
        await cursor.execute(read("plan_by_index").encode())
        query = union(name, [table.identifier for table in tables])
        await cursor.execute(query, {"limit": MAX_RUNNING})
        return await cursor.fetchall()


async def worker_names(
    conn: AsyncConnection[Any], workers: Collection[str | None]
) -> dict[str, str]:
    """Return the names of workers by their ids; those without a row are missing.

    All are missing in an older schema, and for a role that may not read the workers.
    """
    ids = sorted({worker for worker in workers if worker is not None})
    if not ids:
        return {}
    query = statement("read_worker_names").format(job_workers=JOB_WORKERS)
    try:
        async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, {"ids": ids})
            return {worker: worker_name(*name) for worker, *name in await cursor.fetchall()}
    except (InsufficientPrivilege, LockNotAvailable, UndefinedTable):
        return {}
