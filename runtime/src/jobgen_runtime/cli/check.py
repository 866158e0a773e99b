"""`run-jobs --check`: print what is missing in the database, and the SQL that adds it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Error, OperationalError

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.database import database_url, describe_url
from jobgen_runtime.database.rejections import connection_failure
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.worker_sessions import open_worker_session, worker_conninfo
from jobgen_runtime.job import Job
from jobgen_runtime.preflight import Problem, find_problems

JobClass = type[Job[Any]]

EXIT_OK = 0
EXIT_PROBLEMS = 3


def check(jobs: Sequence[JobClass], registered: Sequence[JobClass]) -> int:
    """Print the problems of the database as a script for psql; change nothing.

    Everything but the statements that fix the problems is a comment.

    Args:
        jobs: The job classes that are to run.
        registered: All job classes of the project.

    Returns:
        The exit code.

    Raises:
        NoDatabase: The database does not answer, rejects the connection, or refuses a statement.
    """
    url = database_url()
    database = describe_url(url)
    try:
        problems = asyncio.run(_find_problems(worker_conninfo(url, role="check"), jobs, registered))
    except Error as error:
        if error.sqlstate is None and isinstance(error, OperationalError):
            raise connection_failure(error) from error
        raise NoDatabase(f"The {database} cannot be checked: {server_reason(error)}") from error
    lines = _script(problems) if problems else [f"-- Nothing is missing in the {database}."]
    for line in lines:
        print(line)  # noqa: T201 -- the command's output
    return EXIT_PROBLEMS if problems else EXIT_OK


async def _find_problems(
    conninfo: str, jobs: Sequence[JobClass], registered: Sequence[JobClass]
) -> list[Problem]:
    conn, _ = await open_worker_session(conninfo)
    async with conn:
        return await find_problems(conn, jobs, registered)


def _script(problems: Sequence[Problem]) -> Iterator[str]:
    for problem in problems:
        yield from _comment(problem.message)
        yield from _comment(problem.hint)
        yield from (f"{statement.rstrip().rstrip(';')};" for statement in problem.statements)


def _comment(text: str) -> Iterator[str]:
    """Return the text as comments: a reason that came from the database may have several lines."""
    return (f"-- {line}" for line in text.splitlines())
