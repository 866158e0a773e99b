"""A rescue writes reports and records, and goes on without them where the database refuses them."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.heartbeat.table_rescuer import RescueTarget, TableRescuer
from jobgen_runtime.queue import Endings, JobQueue, Refusal, Refusals
from psycopg import Connection

from tests.support.reporting import attempts, create_report_table, reports
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob

TABLE = ProbeJob.__table__
REPORT = replace(
    TABLE,
    name="report_jobs",
    columns=(*TABLE.columns, "failed_table", "failed_id", "failed_error"),
)


@pytest.fixture
def conn(app_database: str, rows: Rows) -> Iterator[Connection[Any]]:
    create_report_table(rows.conn)
    with psycopg.connect(app_database, autocommit=True) as conn:
        yield conn


def orphan(rows: Rows, what: str = "return", attempt: int = 1) -> UUID:
    """Insert a job that runs on a worker that is gone."""
    [job] = rows.insert(what)
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = %s,"
        " locked_by = %s, locked_at = NOW() - INTERVAL '1 minute' WHERE id = %s",
        (attempt, uuid4(), job),
    )
    return job


def rescue(conn: Connection[Any]) -> None:
    queue = JobQueue(ProbeJob, Endings(REPORT, keeps_attempts=True))
    assert TableRescuer(RescueTarget(queue, 2, has_global_limit=False), 5.0).rescue(conn, math.inf)


def test_rescue_reports_the_last_failure_and_records_each_attempt(
    rows: Rows, conn: Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    requeued, failed, cancelled = orphan(rows), orphan(rows, attempt=2), orphan(rows)
    refused = orphan(rows, attempt=1)
    rows.conn.execute(
        "INSERT INTO job_cancellations (job_table, job_id) VALUES ('probe_jobs', %s)", (cancelled,)
    )
    Refusals(TABLE).record_sync(conn, [Refusal(refused, JobStatus.FAILED, "not today")])
    rescue(conn)
    assert "requeued 1 job of dead workers" in caplog.text
    line = f"2 jobs of dead workers failed permanently, such as {min(failed, cancelled)}"
    assert line in caplog.text
    assert rows.get(requeued).status == "job_status_retry"
    assert {rows.get(job).status for job in (failed, cancelled, refused)} == {"job_status_failed"}
    assert attempts(rows, requeued) == [(1, "worker_died")]
    assert attempts(rows, failed) == [(2, "worker_died")]
    assert attempts(rows, cancelled) == [(1, "worker_died")]
    assert attempts(rows, refused) == [(1, "failed")]
    assert set(reports(rows)) == {
        ("probe_jobs", job, rows.get(job).last_error) for job in (failed, refused)
    }


def test_rescue_goes_on_without_what_the_database_refuses(
    rows: Rows, conn: Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    rows.conn.execute(
        "ALTER TABLE report_jobs ADD CHECK (failed_id <> '00000000-0000-0000-0000-000000000001')"
    )
    good, bad, requeued = orphan(rows, attempt=2), orphan(rows, attempt=2), orphan(rows)
    rows.conn.execute(
        "UPDATE probe_jobs SET id = '00000000-0000-0000-0000-000000000001' WHERE id = %s", (bad,)
    )
    bad = UUID(int=1)
    rescue(conn)
    assert {rows.get(job).status for job in (good, bad)} == {"job_status_failed"}
    assert rows.get(requeued).status == "job_status_retry"
    assert [job for _, job, _ in reports(rows)] == [good]
    assert f"job {bad} of a dead worker" in caplog.text
    rows.conn.execute("ALTER TABLE report_jobs DROP COLUMN failed_id")
    caplog.clear()
    last = orphan(rows, attempt=2)
    rescue(conn)
    assert rows.get(last).status == "job_status_failed"
    assert "without the reports" in caplog.text
