"""A job is cancelled from anywhere, whatever state it is in and whichever worker has it."""

from __future__ import annotations

import asyncio
import signal
import time
from uuid import UUID, uuid4

import psycopg
import pytest
from jobgen_runtime import Cancellation, RecordNotFound
from jobgen_runtime.database import close_pool

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT

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


def has_been_cancelled(rows: Rows, job: UUID, *, attempts: int) -> None:
    rows.wait_for_status([job], "failed", attempts=attempts)
    row = rows.get(job)
    assert row.last_error == "The job was cancelled."
    assert (row.locked_by, row.locked_at) == (None, None)


def nothing_is_asked_any_more(rows: Rows) -> None:
    deadline = time.monotonic() + TIMEOUT
    while rows.conn.execute("SELECT FROM job_cancellations").fetchall():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_running_one_ends_on_whichever_worker_has_it(app: Application, rows: Rows) -> None:
    app.write_job(SLEEPS, options="max_concurrency = 1\n")
    workers = [app.run_jobs("--poll", "600") for _ in range(2)]
    first, second, third = jobs = rows.insert(n=3)
    rows.wait_for_status([first, second], "running")

    async def order() -> Cancellation:
        try:
            return await (await ProbeJob.get(second)).cancel()
        finally:
            await close_pool()

    assert asyncio.run(order()) is Cancellation.REQUESTED
    has_been_cancelled(rows, second, attempts=1)
    # Its slot is free; the other has not been touched.
    rows.wait_for_status([third], "running")
    assert rows.get(first).status == "job_status_running"
    nothing_is_asked_any_more(rows)
    assert {cancel(job) for job in jobs} == {Cancellation.REQUESTED, Cancellation.TOO_LATE}
    rows.wait_for_status([first, third], "failed")
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


def test_the_process_of_one_ends(app: Application, rows: Rows) -> None:
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
    has_been_cancelled(rows, job, attempts=1)


def test_a_thread_runs_to_its_end_which_is_said_and_is_not_tried_again(
    app: Application, rows: Rows
) -> None:
    app.write_job(THREAD)
    worker = app.run_jobs("--poll", "600")
    [job] = rows.insert(str(app.root / "go"))
    worker.wait_for_line("began")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_line("cancelled, but a thread cannot be interrupted")
    assert rows.get(job).status == "job_status_running", "its slot is taken"
    assert cancel(job) is Cancellation.REQUESTED
    app.write("go", "")
    has_been_cancelled(rows, job, attempts=1)
    nothing_is_asked_any_more(rows)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("a thread cannot be interrupted") == 1


@pytest.mark.parametrize("status", ["not_started", "retry"])
def test_one_that_waits_fails_at_once_and_never_starts(
    app: Application, rows: Rows, status: str
) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = %s, last_error = 'before', locked_by = %s",
        (f"job_status_{status}", uuid4() if status == "retry" else None),
    )
    assert cancel(job) is Cancellation.DONE
    has_been_cancelled(rows, job, attempts=0)
    nothing_is_asked_any_more(rows)
    assert "ran" not in app.start("run-jobs", "--drain").wait_for_exit()


@pytest.mark.parametrize("status", ["failed", "timed_out", "succeeded"])
def test_one_that_has_ended_stays_as_it_is(rows: Rows, status: str) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = %s, last_error = 'before'", (f"job_status_{status}",)
    )
    before = rows.get(job)
    assert cancel(job) is Cancellation.TOO_LATE
    assert rows.get(job) == before


def test_one_that_is_gone_is_an_error(rows: Rows) -> None:
    job = ProbeJob.get_sync(rows.insert()[0])
    rows.conn.execute("DELETE FROM probe_jobs")
    with pytest.raises(RecordNotFound, match=f"probe_jobs has no job {job.id}"):
        job.cancel_sync()


def test_an_order_in_a_transaction_that_is_undone_is_none(
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
    has_been_cancelled(rows, other, attempts=1)
    assert rows.get(job).status == "job_status_running"


def test_a_worker_that_hears_nothing_finds_out_at_its_next_look(
    app: Application, rows: Rows
) -> None:
    app.write_job(SLEEPS)
    app.run_jobs("--poll", "0.2")
    [job] = rows.insert()
    rows.wait_for_status([job], "running")
    # Without the notification, as where a pooler in between swallows it.
    rows.conn.execute(REQUEST, (job,))
    has_been_cancelled(rows, job, attempts=1)
    nothing_is_asked_any_more(rows)


def test_a_worker_that_was_told_to_end_still_hears_it(app: Application, rows: Rows) -> None:
    app.write_job(SLEEPS)
    worker = app.run_jobs("--poll", "600", "--grace", "600")
    [job] = rows.insert()
    worker.wait_for_line("began")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("shutting down: waiting up to")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_exit()
    has_been_cancelled(rows, job, attempts=1)
    nothing_is_asked_any_more(rows)


def test_the_job_of_a_worker_killed_before_it_could_is_not_tried_again(
    app: Application, rows: Rows
) -> None:
    app.write_job(THREAD)
    worker = app.run_jobs("--heartbeat", "0.1")
    [job] = rows.insert("never")
    worker.wait_for_line("began")
    assert cancel(job) is Cancellation.REQUESTED
    worker.wait_for_line("a thread cannot be interrupted")
    worker.send_signal(signal.SIGKILL)
    app.run_jobs("--heartbeat", "0.1", "--poll", "0.2")
    has_been_cancelled(rows, job, attempts=1)
    assert [status for _, status, _ in rows.seen] == ["job_status_running", "job_status_failed"]
    nothing_is_asked_any_more(rows)


def test_one_that_was_put_back_before_its_worker_knew_does_not_start_again(
    app: Application, rows: Rows
) -> None:
    [job] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_retry', attempts_count = 1")
    rows.conn.execute(REQUEST, (job,))
    assert "ran" not in app.start("run-jobs", "--drain").wait_for_exit()
    has_been_cancelled(rows, job, attempts=1)
    nothing_is_asked_any_more(rows)


def test_one_that_is_started_over_is_not_hit_by_an_old_request(
    app: Application, rows: Rows
) -> None:
    [job] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_failed', attempts_count = 10")
    rows.conn.execute(REQUEST, (job,))
    ProbeJob.get_sync(job).retry_sync()
    nothing_is_asked_any_more(rows)
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status([job], "succeeded", attempts=1)
