"""Workers that die or are stopped: no job is lost or runs twice at once."""

from __future__ import annotations

import signal
from uuid import UUID

from tests.support.application import SHORT_LEASE, WAIT_FOR_GO, Application
from tests.support.connections import break_connections
from tests.support.rows import Rows


def test_job_of_a_killed_worker_is_requeued_when_the_lease_expires(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGKILL)
    app.write("go", "")
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([job], "succeeded", attempts=2)
    assert "died" in rows.get(job).last_error
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (1,)


def test_job_that_kills_its_worker_fails_alone_after_max_attempts(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "poison":
                os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.sleep(0.01)
        """,
        options="max_attempts = 3\nmax_concurrency = 30\n",
    )
    good = rows.insert(n=10)
    poison = rows.insert("poison")
    good += rows.insert(n=10)
    app.start("run-jobs", *SHORT_LEASE).wait_for_exit(-signal.SIGKILL)
    worker = app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status(good, "succeeded")
    rows.wait_for_status(poison, "failed", attempts=3)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    assert "died" in rows.get(poison[0]).last_error


def test_job_longer_than_the_lease_runs_once(app: Application, rows: Rows) -> None:
    # Blocks the event loop for longer than the lease.
    app.write_job("async def perform(self, job):\n    time.sleep(3.5)\n    print('ran', job.id)")
    first = app.start("run-jobs", *SHORT_LEASE)
    first.wait_for_line("ready")
    jobs = rows.insert(n=2)
    second = app.start("run-jobs", *SHORT_LEASE)
    second.wait_for_line("ready")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    for worker in (first, second):
        worker.send_signal(signal.SIGTERM)
    output = first.wait_for_exit() + second.wait_for_exit()
    assert all(output.count(f"ran {job}") == 1 for job in jobs)


def test_worker_stopped_past_its_lease_changes_no_row_and_continues(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    stopped = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert("wait")
    stopped.wait_for_line("waiting")
    stopped.send_signal(signal.SIGSTOP)
    other = app.run_jobs(*SHORT_LEASE)
    other.wait_for_line("waiting")
    stopped.send_signal(signal.SIGCONT)
    stopped.wait_for_line("cancelling all running jobs")
    other.send_signal(signal.SIGSTOP)
    [more] = rows.insert()
    stopped.wait_for_line(f"ran {more}")
    other.send_signal(signal.SIGCONT)
    app.write("go", "")
    rows.wait_for_status([job, more], "succeeded")
    assert [change for change in rows.seen if change[0] == job][-1][2] >= 2


def test_process_exits_when_a_thread_runs_a_job_whose_lease_was_lost(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            print("waiting", flush=True)
            while not os.path.exists("go"):
                time.sleep(0.01)
        """
    )
    stopped = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert()
    stopped.wait_for_line("waiting")
    stopped.send_signal(signal.SIGSTOP)
    app.run_jobs(*SHORT_LEASE).wait_for_line("waiting")
    stopped.send_signal(signal.SIGCONT)
    assert "take over: exiting" in stopped.wait_for_exit(75)
    app.write("go", "")
    rows.wait_for_status([job], "succeeded")


def insert_unheld_row(rows: Rows) -> UUID:
    """Insert a row that names the worker, which does not hold it, without waking the worker."""
    with rows.conn.transaction():
        rows.conn.execute("SET LOCAL session_replication_role = replica")
        [job] = rows.insert()
        rows.conn.execute(
            "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = 1,"
            " locked_at = now(), locked_by = (SELECT id FROM job_workers) WHERE id = %s",
            (job,),
        )
    return job


def test_claim_whose_answer_was_lost_is_released(app: Application, rows: Rows) -> None:
    worker = app.run_jobs()
    # Its first reconciliation, which comes before its first claim, would find the row, too.
    rows.wait_for_status(rows.insert(), "succeeded")
    job = insert_unheld_row(rows)
    assert break_connections(rows, "run-jobs work") == 1
    worker.wait_for_line("whose claim was lost")
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_attempt_that_left_no_trace_in_the_table_counts(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "0.2")
    job = insert_unheld_row(rows)
    worker.wait_for_line("ended without a trace")
    rows.wait_for_status([job], "succeeded", attempts=2)


def test_rows_of_an_unregistered_worker_are_requeued(app: Application, rows: Rows) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = 1,"
        " locked_at = now(), locked_by = gen_random_uuid() WHERE id = %s",
        (job,),
    )
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([job], "succeeded", attempts=2)
