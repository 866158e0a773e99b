"""What a database needs for `on_failed` and `keep_attempts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import LockNotAvailable

from jobgen_runtime.job import Job
from jobgen_runtime.job_table.reports import FAILED_ERROR, FAILED_ID, FAILED_TABLE
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.preflight.table_shape import read_table_shape
from jobgen_runtime.record.reports import reporting_table
from jobgen_runtime.table import Table

JobClass = type[Job[Any]]
Rights = Mapping[str, Sequence[str]]


def with_rights_of_endings(rights: Rights, jobs: Sequence[JobClass]) -> Rights:
    """Return the rights of workers of these jobs by quoted table, with those to write endings.

    Args:
        rights: The rights on the job tables themselves.
        jobs: The job classes.
    """
    wanted = {table: dict.fromkeys(names) for table, names in rights.items()}
    for job in jobs:
        report = reporting_table(job)
        if report is not None:
            wanted.setdefault(report.sql_name, {})["INSERT"] = None
        if job.keep_attempts:
            deletes = job.keep is not None or job.keep_failed is not None
            names = ("SELECT", "INSERT", "DELETE") if deletes else ("INSERT",)
            wanted.setdefault("job_attempts", {}).update(dict.fromkeys(names))
    return {table: list(names) for table, names in wanted.items()}


async def find_unwritable_reports(
    conn: AsyncConnection[Any], jobs: Sequence[JobClass], known: Sequence[Table]
) -> list[Problem]:
    """Return a problem for each job whose failures cannot be reported.

    Args:
        conn: The worker's connection.
        jobs: The job classes that the worker is to run.
        known: The tables of these, which are examined as job tables anyway.
    """
    problems: list[Problem] = []
    for job in jobs:
        report = reporting_table(job)
        if report is None or report in known:
            continue
        try:
            shape = await read_table_shape(conn, report)
        except LockNotAvailable:
            continue
        columns = (FAILED_TABLE, FAILED_ID, FAILED_ERROR)
        written = [name for name in columns if name in report.columns]
        missing = [name for name in written if shape is not None and name not in shape.columns]
        name, what = report.qualified_name, f"{job.__name__}.on_failed reports failures"
        if shape is None:
            problems.append(
                Problem(
                    f"There is no table {name}, in which {what}.",
                    is_fatal=True,
                    hint="Run `jobgen migrate`, which adds it, or says what is left to you.",
                )
            )
        elif missing:
            problems.append(
                Problem(
                    f"The table {name}, in which {what}, has no column {', '.join(missing)}.",
                    is_fatal=True,
                    hint="Run `jobgen migrate`, which adds it, or says what is left to you.",
                )
            )
    return problems
