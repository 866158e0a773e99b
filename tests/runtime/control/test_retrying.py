"""Start jobs over, or refuse it with the reason."""

from __future__ import annotations

import asyncio

import pytest
from jobgen_runtime import DuplicateJob, JobRunning, RecordNotFound
from jobgen_runtime.database import close_pool

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob


def test_retried_job_runs_again_with_all_its_attempts(app: Application, rows: Rows) -> None:
    app.run_jobs("--poll", "600")
    [job] = rows.insert(run_at="'infinity'")
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_failed', attempts_count = 10, last_error = 'x'"
    )

    async def retry() -> None:
        try:
            await (await ProbeJob.get(job)).retry()
        finally:
            await close_pool()

    asyncio.run(retry())
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_retry_next_to_a_waiting_duplicate_raises_duplicate_job(rows: Rows) -> None:
    rows.conn.execute(
        "CREATE UNIQUE INDEX once ON probe_jobs (what)"
        " WHERE status IN ('job_status_not_started', 'job_status_retry', 'job_status_running')"
    )
    [job] = rows.insert("greet Ada")
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_failed'")
    before = rows.get(job)
    [duplicate] = rows.insert("greet Ada")
    with pytest.raises(DuplicateJob) as raised:
        ProbeJob.get_sync(job).retry_sync()
    assert str(raised.value) == (
        f"The job {job} of probe_jobs cannot start over: the unique index once allows"
        " one such job, and there is another.\nKey (what)=(greet Ada) already exists."
    )
    assert rows.get(job) == before
    ProbeJob.get_sync(duplicate).cancel_sync()
    ProbeJob.get_sync(job).retry_sync()
    assert rows.get(job).status == "job_status_not_started"


def test_retry_of_a_running_job_raises_and_changes_nothing(rows: Rows) -> None:
    [job] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_running', locked_at = now()")
    before = rows.get(job)
    with pytest.raises(JobRunning, match=f"The job {job} of probe_jobs is running"):
        ProbeJob.get_sync(job).retry_sync()
    assert rows.get(job) == before


def test_retry_of_a_deleted_job_raises_record_not_found(rows: Rows) -> None:
    job = ProbeJob.get_sync(rows.insert()[0])
    rows.conn.execute("DELETE FROM probe_jobs")
    with pytest.raises(RecordNotFound, match=str(job.id)):
        job.retry_sync()
