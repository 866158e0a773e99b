"""Find what is missing in a database for a worker, and the SQL that adds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema, schema_version
from jobgen_runtime.job import Job
from jobgen_runtime.preflight.dropped_tables import find_dangling_rows
from jobgen_runtime.preflight.endings import find_unwritable_reports, with_rights_of_endings
from jobgen_runtime.preflight.fixes import grant_rights, grant_schema
from jobgen_runtime.preflight.notification_queue import find_full_notification_queue
from jobgen_runtime.preflight.problem import SEARCH_PATH_HINT, Problem
from jobgen_runtime.preflight.refused_changes import find_refused_changes
from jobgen_runtime.preflight.refused_jobs import find_refused_jobs
from jobgen_runtime.preflight.retention import deletes_jobs, find_random_ids
from jobgen_runtime.preflight.rights import (
    RIGHTS_ON_JOB_TABLES,
    SessionInfo,
    find_missing_rights,
    find_unusable_schemas,
    read_session_info,
)
from jobgen_runtime.preflight.row_security import find_hidden_rows
from jobgen_runtime.preflight.schedules import (
    RIGHTS_FOR_SCHEDULES,
    find_schedule_problems,
    has_schedules,
)
from jobgen_runtime.preflight.session_settings import find_unusable_settings
from jobgen_runtime.preflight.table_problems import find_table_problems
from jobgen_runtime.preflight.table_shape import read_table_shape
from jobgen_runtime.preflight.unique_index import find_missing_unique_index
from jobgen_runtime.preflight.unregistered_kinds import find_unregistered_kinds
from jobgen_runtime.project import migrate_command
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import Table

JobClass = type[Job[Any]]


async def find_problems(
    conn: AsyncConnection[Any], jobs: Sequence[JobClass], registered: Sequence[JobClass] = ()
) -> list[Problem]:
    """Return the problems of the jobs' tables and the runtime's own; change nothing.

    Args:
        conn: The worker's connection.
        jobs: The job classes that the worker is to run.
        registered: All job classes of the project, to find tables that belong to none of them.
            Without them, that is not looked for.
    """
    settings = await find_unusable_settings(conn)
    if any(problem.is_fatal for problem in settings):
        return settings
    queue = await find_full_notification_queue(conn)
    tables = _tables(jobs)
    missing = await _find_missing(conn, tables)
    if not any(problem.is_fatal for problem in missing):
        missing += await _find_leftovers(conn, tables)
        if registered:
            missing += await find_schedule_problems(conn, tables)
            missing += await find_unregistered_kinds(conn, list(_tables(registered).values()))
    return [*settings, *missing, *queue]


def _tables(jobs: Sequence[JobClass]) -> dict[JobClass, Table]:
    return {job: record.__table__ for job in jobs if issubclass(record := job.record, JobRecord)}


def _needed_rights(job: JobClass) -> Sequence[str]:
    """Return the rights that a worker of this kind needs on the job table."""
    more = {"INSERT": has_schedules(job), "DELETE": deletes_jobs(job)}
    return (*RIGHTS_ON_JOB_TABLES, *(right for right, is_needed in more.items() if is_needed))


async def _find_missing(
    conn: AsyncConnection[Any], tables: Mapping[JobClass, Table]
) -> list[Problem]:
    session = await read_session_info(conn)
    unusable = await find_unusable_schemas(conn, list(tables.values()))
    problems = [
        *_search_path_problems(session),
        *(_schema_problem(name, session) for name in unusable),
    ]
    if problems:
        # The tables in these schemas cannot be inspected.
        return problems
    rights = with_rights_of_endings(
        {table.sql_name: _needed_rights(job) for job, table in tables.items()}, list(tables)
    )
    if any(map(has_schedules, tables)):
        rights = {**rights, "job_schedules": RIGHTS_FOR_SCHEDULES}
    missing_rights = await find_missing_rights(conn, rights)
    hidden_rows = await find_hidden_rows(conn, list(tables.values()), rights, session.role)
    if any(problem.is_fatal for problem in hidden_rows):
        # Objects that the role does not see look as if they were missing.
        return hidden_rows
    if "SELECT" not in missing_rights.get("job_runtime_schema", ()):
        problems += _runtime_schema_problems(await schema_version(conn))
    if problems:
        return problems
    for job, table in tables.items():
        try:
            shape = await read_table_shape(conn, table)
        except LockNotAvailable:
            problems.append(_locked_table_problem(table))
        else:
            found = list(find_table_problems(table, shape, strict=job.strict_order))
            if shape is not None and not any(problem.is_fatal for problem in found):
                found += await find_missing_unique_index(
                    conn, table, is_partitioned=shape.is_partitioned
                )
            problems += found
            problems += find_random_ids(job, table, shape)
    problems += await find_unwritable_reports(conn, list(tables), list(tables.values()))
    problems += [_rights_problem(name, rights, session) for name, rights in missing_rights.items()]
    return [*problems, *hidden_rows]


async def _find_leftovers(
    conn: AsyncConnection[Any], tables: Mapping[JobClass, Table]
) -> list[Problem]:
    """Return which jobs and tables need attention although nothing is missing."""
    problems: list[Problem] = []
    for job, table in tables.items():
        problems += await find_refused_changes(conn, table, job.__name__)
        problems += await find_refused_jobs(conn, table, job.__name__)
    for table in list(tables.values())[:1]:
        problems += await find_dangling_rows(conn, table)
    return problems


def _search_path_problems(session: SessionInfo) -> Iterator[Problem]:
    if not session.has_schema:
        yield Problem(
            f"The role {session.role} may not use any schema of its search_path "
            f"({session.search_path}).",
            is_fatal=True,
            hint="Let the schema's owner grant it, or put another schema in the search_path.",
            statements=(
                (grant_schema("public", session.role),) if "public" in session.search_path else ()
            ),
        )


def _schema_problem(name: str, session: SessionInfo) -> Problem:
    return Problem(
        f"The role {session.role} may not use the schema {name}.",
        is_fatal=True,
        hint="Let the schema's owner grant it.",
        statements=(grant_schema(name, session.role),),
    )


def _rights_problem(name: str, rights: Sequence[str], session: SessionInfo) -> Problem:
    return Problem(
        f"The role {session.role} may not {' and '.join(rights)} on {name}.",
        is_fatal=True,
        hint="Let the table's owner grant it.",
        statements=(grant_rights(name, rights, session.role),),
    )


def _runtime_schema_problems(version: int | None) -> Iterator[Problem]:
    if version is None:
        yield Problem(
            "The runtime's own schema (job_workers and others) is not in this database.",
            is_fatal=True,
            hint=f"Run `{migrate_command()}`, or call jobgen_runtime.install_schema. If it is in "
            f"another schema: {SEARCH_PATH_HINT}",
            statements=(runtime_schema(),),
        )
    elif version < SCHEMA_VERSION:
        yield Problem(
            f"The runtime's schema in this database is version {version}, "
            f"but this worker needs version {SCHEMA_VERSION}.",
            is_fatal=True,
            hint=f"Run `{migrate_command()}`. Workers of the older version can keep running.",
            statements=(runtime_schema(),),
        )


def _locked_table_problem(table: Table) -> Problem:
    return Problem(
        f"The table {table.qualified_name} is locked, so it cannot be checked.",
        is_fatal=False,
        hint="Run `run-jobs --check` once the lock is released.",
    )
