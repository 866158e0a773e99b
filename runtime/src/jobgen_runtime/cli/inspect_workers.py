"""`manage-jobs inspect`: what each worker runs, and a request to all of them to log where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.control.inspection import (
    RunningJob,
    fetch_live_workers_sync,
    fetch_running_jobs_sync,
    request_inspection_sync,
)
from jobgen_runtime.table import Table

MAX_WORKERS = 100
MAX_JOBS = 100
"""Running jobs of each kind that are listed."""

Conn = Connection[Any]
_Running = dict[UUID | None, list[tuple[str, RunningJob]]]


def run_inspect(conn: Conn, tables: Mapping[str, Table]) -> int:
    """Print what the workers run, and ask them to log the stacks of it.

    Args:
        conn: The connection.
        tables: The kinds whose jobs are listed, by their names.

    Returns:
        The exit code: 1 if no worker is alive, or the request could not be sent.
    """
    workers = fetch_live_workers_sync(conn, next(iter(tables.values())), limit=MAX_WORKERS)
    running: _Running = {}
    for name, table in tables.items():
        for job in fetch_running_jobs_sync(conn, table, limit=MAX_JOBS):
            running.setdefault(job.worker, []).append((name, job))
    for worker in workers:
        jobs = running.pop(worker.id, [])
        _print(
            f"{worker.host}, process {worker.pid}, jobgen-runtime {worker.version}, heartbeat "
            f"{_duration(worker.silent_for)} ago: {counted(len(jobs), 'running job')}"
        )
        _print_jobs(jobs)
    for jobs in running.values():
        _print("jobs whose worker is not alive; another one will take them over:")
        _print_jobs(jobs)
    if not workers:
        _print("No worker is alive.")
        return 1
    if not request_inspection_sync(conn):
        _print("The workers could not be asked: the server's notification queue is nearly full.")
        return 1
    _print(
        "Asked the workers to log where these jobs are. One that a job blocks, or that is behind a "
        "pooler, does so after `kill -USR1 PID` on its host."
    )
    return 0


def _print_jobs(jobs: list[tuple[str, RunningJob]]) -> None:
    for name, job in jobs:
        since = "" if job.runs_for is None else f", for {_duration(job.runs_for)}"
        _print(f"  {name} {job.id} attempt {job.attempt}{since}")


def _duration(duration: timedelta) -> str:
    return duration_text(timedelta(seconds=max(round(duration.total_seconds()), 0)))


def _print(line: str) -> None:
    print(line)  # noqa: T201 -- the command's output
