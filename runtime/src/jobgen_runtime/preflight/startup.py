"""Check the database when a worker starts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg import Error

from jobgen_runtime.contract.errors import SchemaError
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.preflight.problems import find_problems

log = logging.getLogger("jobgen.worker")


async def check_start(connection: WorkerConnection, jobs: Sequence[type[Job[Any]]]) -> None:
    """Wait for the database, then log the problems that a worker for `jobs` can live with.

    Raises:
        SchemaError: There is a problem that a worker cannot run with.
        NoDatabase: The server rejects the connection.
    """
    while True:
        conn = await connection.connection(first=True)
        try:
            problems = await find_problems(conn, jobs)
        except Error as error:
            if conn.closed:
                continue
            raise SchemaError(
                f"The database refuses what a worker asks it at its start: {server_reason(error)}.",
                hint="Check what the role may read in the system catalogs, and the settings of the "
                "role, the database and the server.",
            ) from error
        break
    for problem in sorted(problems, key=lambda problem: not problem.is_fatal):
        hint = problem.hint
        if problem.statements:
            hint = f"{hint} `run-jobs --check` prints the SQL."
        if problem.is_fatal:
            raise SchemaError(problem.message, hint=hint)
        log.warning("%s %s", problem.message, hint)
