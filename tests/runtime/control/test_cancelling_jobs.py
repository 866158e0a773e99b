"""Cancel jobs in any state, on whichever worker they run."""

from __future__ import annotations

import asyncio
import signal
from uuid import UUID, uuid4

import psycopg
import pytest
from jobgen_runtime import Cancellation, RecordNotFound
from jobgen_runtime.database import close_pool

from tests.support.application import SHORT_LEASE, Application
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import wait_for

SLEEPS = "async def perform(self, job):\n    print('began', job.id)\n    await asyncio.sleep(600)"
THREAD = """
def perform(self, job):
    print('began', job.id)
    while not os.path.exists(job.what):
        time.sleep(0.01)
    raise ValueError("as it would have")
"""
REQUEST = "INSERT INTO job_cancellations VALUES ('probe_jobs'::REGCLASS, %s)"


def cancel(job: UUID) -> Cancellation:
    return ProbeJob.get_sync(job).cancel_sync()


def wait_until_cancelled(rows: Rows, job: UUID, *, attempts: int) -> None:
    rows.wait_for_status([job], "failed", attempts=attempts)
    row = rows.get(job)
    assert row.last_error == "The job was cancelled."
    assert row.locked_by is None


def wait_for_no_request(rows: Rows) -> None:
    no_request = "SELECT WHERE NOT EXISTS (SELECT FROM job_cancellations)"
    wait_for(lambda: rows.conn.execute(no_request).fetchall(), "no request to cancel a job is left")


def test_cancelled_running_job_ends_on_the_worker_that_runs_it(
    app: Application, rows: Rows
) -> None:
    app.write_job(SLEEPS, options="max_concurrency = 1\n")
    workers = [app.run_jobs("--poll", "600") for _ in range(2)]
    first, second, third = jobs = rows.insert(n=3)
    rows.wait_for_status([first, second], "running")

    async def cancel_second() -> Cancellation:
        try:
            return await (await ProbeJob.get(second)).cancel()
        finally:
            await close_pool()

    assert asyncio.run(cancel_second()) is Cancellation.REQUESTED
    wait_until_cancelled(rows, second, attempts=1)
    # The slot is free again, and the other job was not touched.
    rows.wait_for_status([third], "running")
    assert rows.get(first).status == "job_status_running"
    wait_for_no_request(rows)
    assert {cancel(job) for job in jobs} == {Cancellation.REQUESTED, Cancellation.TOO_LATE}
    rows.wait_for_status([first, third], "failed")
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


def test_cancelled_job_in_a_process_ends_its_process(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            try:
                print('began')
                time.sleep(600)
            finally:
                print('ended')
        """,
        options="isolation = 'process'\n",
    )
    worker = app.run_jobs("--poll", "600")
    [job] = rows.insert()
    worker.wait_for_line("began")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_line("ended")
    wait_until_cancelled(rows, job, attempts=1)


def test_cancelled_job_in_a_thread_runs_to_its_end_and_is_not_retried(
    app: Application, rows: Rows
) -> None:
    app.write_job(THREAD)
    worker = app.run_jobs("--poll", "600")
    [job] = rows.insert(str(app.root / "go"))
    worker.wait_for_line("began")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_line("cancelled, but a thread cannot be interrupted")
    assert rows.get(job).status == "job_status_running", "the slot must stay taken"
    assert cancel(job) is Cancellation.REQUESTED
    app.write("go", "")
    wait_until_cancelled(rows, job, attempts=1)
    wait_for_no_request(rows)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("a thread cannot be interrupted") == 1


@pytest.mark.parametrize("status", ["not_started", "retry"])
def test_cancelled_waiting_job_fails_at_once_and_never_starts(
    app: Application, rows: Rows, status: str
) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = %s, last_error = 'before', locked_by = %s",
        (f"job_status_{status}", uuid4() if status == "retry" else None),
    )
    assert cancel(job) is Cancellation.DONE
    wait_until_cancelled(rows, job, attempts=0)
    wait_for_no_request(rows)
    assert "ran" not in app.start("run-jobs", "--drain").wait_for_exit()


@pytest.mark.parametrize("status", ["failed", "timed_out", "succeeded"])
def test_cancel_leaves_an_ended_job_unchanged(rows: Rows, status: str) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = %s, last_error = 'before'", (f"job_status_{status}",)
    )
    before = rows.get(job)
    assert cancel(job) is Cancellation.TOO_LATE
    assert rows.get(job) == before


def test_cancel_of_a_deleted_job_raises_record_not_found(rows: Rows) -> None:
    job = ProbeJob.get_sync(rows.insert()[0])
    rows.conn.execute("DELETE FROM probe_jobs")
    with pytest.raises(RecordNotFound, match=f"probe_jobs has no job {job.id}"):
        job.cancel_sync()


def test_cancel_in_a_rolled_back_transaction_has_no_effect(
    app: Application, rows: Rows, app_database: str
) -> None:
    app.write_job(SLEEPS)
    app.run_jobs("--poll", "0.1")
    [job] = rows.insert()
    rows.wait_for_status([job], "running")
    with psycopg.connect(app_database) as conn:
        assert ProbeJob.get_sync(job, conn).cancel_sync(conn) is Cancellation.REQUESTED
        conn.rollback()
    [other] = rows.insert()
    rows.wait_for_status([other], "running")
    assert cancel(other) is Cancellation.REQUESTED
    wait_until_cancelled(rows, other, attempts=1)
    assert rows.get(job).status == "job_status_running"


def test_worker_without_a_notification_cancels_the_job_at_its_next_poll(
    app: Application, rows: Rows
) -> None:
    app.write_job(SLEEPS)
    app.run_jobs("--poll", "0.2")
    [job] = rows.insert()
    rows.wait_for_status([job], "running")
    # Without a notification, as behind a pooler that drops it.
    rows.conn.execute(REQUEST, (job,))
    wait_until_cancelled(rows, job, attempts=1)
    wait_for_no_request(rows)


def test_worker_that_is_shutting_down_still_cancels_its_job(app: Application, rows: Rows) -> None:
    app.write_job(SLEEPS)
    worker = app.run_jobs("--poll", "600", "--grace", "600")
    [job] = rows.insert()
    worker.wait_for_line("began")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("shutting down: waiting up to")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_exit()
    wait_until_cancelled(rows, job, attempts=1)
    wait_for_no_request(rows)


def test_cancelled_job_of_a_killed_worker_is_not_retried(app: Application, rows: Rows) -> None:
    app.write_job(THREAD)
    worker = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert("never")
    worker.wait_for_line("began")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_line("a thread cannot be interrupted")
    worker.send_signal(signal.SIGKILL)
    app.run_jobs(*SHORT_LEASE, "--poll", "0.2")
    wait_until_cancelled(rows, job, attempts=1)
    assert [status for _, status, _ in rows.seen] == ["job_status_running", "job_status_failed"]
    wait_for_no_request(rows)


def test_cancelled_job_that_was_released_does_not_start_again(app: Application, rows: Rows) -> None:
    [job] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_retry', attempts_count = 1")
    rows.conn.execute(REQUEST, (job,))
    assert "ran" not in app.start("run-jobs", "--drain").wait_for_exit()
    wait_until_cancelled(rows, job, attempts=1)
    wait_for_no_request(rows)


def test_retried_job_ignores_an_old_request_to_cancel(app: Application, rows: Rows) -> None:
    [job] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_failed', attempts_count = 10")
    rows.conn.execute(REQUEST, (job,))
    ProbeJob.get_sync(job).retry_sync()
    wait_for_no_request(rows)
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status([job], "succeeded", attempts=1)
