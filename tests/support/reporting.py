"""A kind of job, Report, that reports the failures of the application's Probe."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import psycopg

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.schema import job_block

_REPORT = """
from dataclasses import replace

from Generated.Types import ProbeJob
from jobgen_runtime import Job


class ReportJob(ProbeJob):
    __table__ = replace(
        ProbeJob.__table__,
        name="report_jobs",
        columns=(*ProbeJob.__table__.columns, "failed_table", "failed_id", "failed_error"),
        required=("failed_table", "failed_id"),
    )


class Report(Job[ReportJob]):
    async def perform(self, job):
        print("reported", job.failed_table, job.failed_id, job.failed_error, flush=True)
"""

ON_FAILED = "from Web.Job.Report import Report\non_failed = Report\n"
"""The option of Probe."""


def create_report_table(conn: psycopg.Connection[Any]) -> None:
    """Create the table of Report."""
    columns = (
        "what TEXT DEFAULT 'return' NOT NULL",
        "moment TIMESTAMP WITH TIME ZONE",
        "failed_table TEXT NOT NULL",
        "failed_id UUID NOT NULL",
        "failed_error TEXT",
    )
    conn.execute(job_block("Report", *columns).encode())


def add_reports(app: Application, conn: psycopg.Connection[Any]) -> None:
    """Add the kind Report, with its table, to the application."""
    create_report_table(conn)
    app.write("Web/Job/Report.py", _REPORT)
    imports = "from Web.Job.Probe import Probe\nfrom Web.Job.Report import Report\n"
    app.write("WorkerMain.py", imports + "\nworkers = [Probe, Report]\n")


def reports(rows: Rows) -> list[tuple[str, UUID, str | None]]:
    """Return the failed table, id and error of each report, in order."""
    query = "SELECT failed_table, failed_id, failed_error FROM report_jobs ORDER BY id"
    return [tuple(row) for row in rows.conn.execute(query)]


def attempts(rows: Rows, job: UUID) -> list[tuple[int, str]]:
    """Return the number and outcome of each recorded attempt of a job of `probe_jobs`, in order.

    Every attempt ends after it starts, and its error is there unless it did not fail.
    """
    query = (
        "SELECT attempt, outcome, ended_at >= started_at AS ordered, error IS NULL AS fine,"
        " worker_id IS NULL AS unknown FROM job_attempts"
        " WHERE job_table = 'probe_jobs'::REGCLASS AND job_id = %s ORDER BY started_at, ended_at"
    )
    found: list[tuple[int, str]] = []
    for attempt, outcome, is_ordered, has_no_error, has_no_worker in rows.conn.execute(
        query, (job,)
    ):
        assert is_ordered
        assert has_no_error == (outcome in ("succeeded", "snoozed", "interrupted"))
        assert not has_no_worker
        found.append((attempt, outcome))
    return found


def check_reports(conn: psycopg.Connection[Any], ended: dict[str, tuple[str, int]]) -> Counter[str]:
    """Check that each failed job has one report, and each counted attempt of a job one record.

    Args:
        conn: A connection to the database.
        ended: The status and the attempts of each job, by its id.

    Returns:
        How many attempts ended in which way.
    """
    reported = Counter(job for (job,) in conn.execute("SELECT failed_id::TEXT FROM report_jobs"))
    assert reported == Counter(job for job, (status, _) in ended.items() if status != "succeeded")
    query = (
        "SELECT job_id::TEXT, outcome FROM job_attempts WHERE job_table = 'probe_jobs'::REGCLASS"
    )
    recorded = [tuple(row) for row in conn.execute(query)]
    counted = Counter(job for job, outcome in recorded if outcome != "interrupted")
    assert counted == Counter({job: attempts for job, (_, attempts) in ended.items()})
    return Counter(outcome for _, outcome in recorded)
