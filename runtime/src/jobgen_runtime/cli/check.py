"""`run-jobs --check`: print what is missing in the database, and the SQL that adds it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection, Error, OperationalError

from jobgen_runtime.cli.schedule_commands import describe_schedule
from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.control import fetch_schedules
from jobgen_runtime.database import database_url, describe_url
from jobgen_runtime.database.rejections import connection_failure
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.worker_sessions import open_worker_session, worker_conninfo
from jobgen_runtime.job import Job
from jobgen_runtime.preflight import Problem, find_problems
from jobgen_runtime.record import JobRecord
from jobgen_runtime.schedule.definitions import definitions_of
from jobgen_runtime.schedule.expressions import describe_rule

JobClass = type[Job[Any]]

EXIT_OK = 0
EXIT_PROBLEMS = 3


def check(jobs: Sequence[JobClass], registered: Sequence[JobClass]) -> int:
    """Print the problems of the database as a script for psql; change nothing.

    Everything but the statements that fix the problems is a comment. The schedules of the job
    classes follow, with their last and next ticks.

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
        conninfo = worker_conninfo(url, role="check")
        problems, schedules = asyncio.run(_examine(conninfo, jobs, registered))
    except Error as error:
        if error.sqlstate is None and isinstance(error, OperationalError):
            raise connection_failure(error) from error
        raise NoDatabase(f"The {database} cannot be checked: {server_reason(error)}") from error
    lines = _script(problems) if problems else [f"-- Nothing is missing in the {database}."]
    for line in [*lines, *schedules]:
        print(line)  # noqa: T201 -- the command's output
    return EXIT_PROBLEMS if problems else EXIT_OK


async def _examine(
    conninfo: str, jobs: Sequence[JobClass], registered: Sequence[JobClass]
) -> tuple[list[Problem], list[str]]:
    conn, _ = await open_worker_session(conninfo)
    async with conn:
        problems = await find_problems(conn, jobs, registered)
        return problems, [line for text in await _schedules(conn, jobs) for line in _comment(text)]


async def _schedules(conn: AsyncConnection[Any], jobs: Sequence[JobClass]) -> list[str]:
    """Return a text for each schedule of the job classes, written by a worker or not."""
    records = {job: job.record for job in jobs}
    tables = {
        job: record.__table__ for job, record in records.items() if issubclass(record, JobRecord)
    }
    by_name = {table.qualified_name: job for job, table in tables.items()}
    try:
        found = await fetch_schedules(conn, list(tables.values()))
    except Error:
        # What is missing for that is one of the problems.
        return []
    texts = [
        f"schedule of {describe_schedule(each, by_name[each.table.qualified_name].__name__)}"
        for each in found
        if each.table is not None and each.table.qualified_name in by_name
    ]
    known = {(each.table.qualified_name, each.name) for each in found if each.table is not None}
    for name, job in by_name.items():
        for each in definitions_of(job).values():
            if (name, each.name) not in known:
                rule = describe_rule(each.expression, each.timezone)
                texts.append(
                    f"schedule of {job.__name__} {each.name}: {rule}, in the code, "
                    "added by the next worker that starts"
                )
    return texts


def _script(problems: Sequence[Problem]) -> Iterator[str]:
    for problem in problems:
        yield from _comment(problem.message)
        yield from _comment(problem.hint)
        yield from (f"{statement.rstrip().rstrip(';')};" for statement in problem.statements)


def _comment(text: str) -> Iterator[str]:
    """Return the text as comments: a reason that came from the database may have several lines."""
    return (f"-- {line}" for line in text.splitlines())
