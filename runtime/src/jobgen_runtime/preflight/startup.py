"""Check the database when a worker starts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from psycopg import Error

from jobgen_runtime.contract.errors import SchemaError
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.preflight.problems import find_problems

log = logging.getLogger("jobgen.worker")

CHECK_SECONDS = 0.5
"""Seconds between two checks of a worker that waits for its schema."""


async def check_start(
    connection: WorkerConnection, jobs: Sequence[type[Job[Any]]], *, waits: bool = False
) -> None:
    """Wait for the database, then log the problems that do not keep a worker from running `jobs`.

    Args:
        connection: The worker's connection.
        jobs: The jobs that it is to run.
        waits: Whether to wait until no fatal problem is left.

    Raises:
        SchemaError: There is a fatal problem, and `waits` is false.
        NoDatabase: The server rejects the connection.
    """
    logged = ""
    while True:
        problems = await _find(connection, jobs)
        fatal = [problem for problem in problems if problem.is_fatal]
        if not fatal:
            break
        message, hint = fatal[0].message, _hint(fatal[0])
        if not waits:
            raise SchemaError(message, hint=hint)
        if message != logged:
            log.warning("waiting for the schema: %s %s", message, hint)
        logged = message
        await asyncio.sleep(CHECK_SECONDS)
    if logged:
        log.info("the database has what the jobs need")
    for problem in problems:
        log.warning("%s %s", problem.message, _hint(problem))


async def _find(connection: WorkerConnection, jobs: Sequence[type[Job[Any]]]) -> list[Problem]:
    while True:
        conn = await connection.connection(first=True)
        try:
            return await find_problems(conn, jobs)
        except Error as error:
            if conn.closed:
                continue
            raise SchemaError(
                f"The database refuses what a worker asks it at its start: {server_reason(error)}.",
                hint="Check what the role may read in the system catalogs, and the settings of the "
                "role, the database and the server.",
            ) from error


def _hint(problem: Problem) -> str:
    if problem.statements:
        return f"{problem.hint} `run-jobs --check` prints the SQL."
    return problem.hint
