"""The life of jobs in a worker process: retries, timeouts, slots, order."""

from __future__ import annotations

import signal
from uuid import UUID

import psycopg

from tests.support.application import Application
from tests.support.rows import Rows


def test_insert_wakes_a_waiting_worker_and_the_job_succeeds(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "600")
    [job] = rows.insert()
    rows.wait_for_status([job], "succeeded")
    row = rows.get(job)
    assert (row.attempts_count, row.locked_by) == (1, None)
    assert row.locked_at is not None
    assert row.created_at <= row.locked_at < row.updated_at
    assert row.last_error is None
    assert row.updated_at > row.created_at
    worker.send_signal(signal.SIGTERM)
    assert f"ran {job}" in worker.wait_for_exit()


def test_jobs_inserted_before_the_start_run_in_order(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job):\n    print('ran', job.id)", options="max_concurrency = 1\n"
    )
    jobs = rows.insert(n=20)
    output = app.start("run-jobs", "--drain").wait_for_exit()
    ran = [UUID(line.split()[1]) for line in output.splitlines() if line.startswith("ran ")]
    assert ran == jobs == sorted(jobs)


def test_failing_job_is_retried_until_max_attempts_and_keeps_its_error(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            raise ValueError(f"no {job.attempts_count}")
        """,
        options="max_attempts = 3\n",
    )
    app.run_jobs()
    [job] = rows.insert()
    rows.wait_for_status([job], "failed")
    statuses = [status for row, status, _ in rows.seen if row == job]
    assert statuses == ["job_status_running", "job_status_retry"] * 2 + [
        "job_status_running",
        "job_status_failed",
    ]
    row = rows.get(job)
    assert row.attempts_count == 3
    assert row.last_error.startswith("Traceback")
    assert row.last_error.endswith("ValueError: no 3")
    assert "jobgen_runtime" not in row.last_error


def test_job_with_max_attempts_zero_is_not_retried(app: Application, rows: Rows) -> None:
    app.write_job("def perform(self, job):\n    raise KeyError('x')", options="max_attempts = 0\n")
    app.run_jobs()
    [job] = rows.insert()
    rows.wait_for_status([job], "failed", attempts=1)


def test_retry_waits_for_the_backoff(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job):\n    raise ValueError('x')",
        options="backoff = ExponentialBackoff(timedelta(hours=1))\n",
    )
    app.run_jobs()
    [job] = rows.insert()
    rows.wait_for_status([job], "retry")
    wait = rows.get(job).run_at - rows.get(job).updated_at
    assert wait.total_seconds() == 2 * 3600


def test_job_that_times_out_is_retried_and_then_timed_out(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job):\n    await asyncio.sleep(600)",
        options="max_attempts = 2\ntimeout = timedelta(seconds=0.05)\n",
    )
    app.run_jobs()
    [job] = rows.insert()
    rows.wait_for_status([job], "timed_out", attempts=2)
    assert "timeout of 0.05 s" in rows.get(job).last_error


def test_synchronous_jobs_run_concurrently_in_threads(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            import threading
            type(self).together.wait(60)
        """,
        options="import threading\ntogether = threading.Barrier(4)\nmax_attempts = 1\n",
    )
    app.run_jobs()
    rows.wait_for_status(rows.insert(n=4), "succeeded")


def test_worker_never_exceeds_max_concurrency(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            cls = type(self)
            cls.now += 1
            assert cls.now <= 2
            await asyncio.sleep(0)
            cls.now -= 1
        """,
        options="now = 0\nmax_concurrency = 2\nmax_attempts = 1\n",
    )
    jobs = rows.insert(n=300)
    assert app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded")


def test_slot_is_free_only_after_the_thread_has_ended(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            if job.what == "late":
                print("late waits", flush=True)
                while not os.path.exists("go"):
                    time.sleep(0.01)
            print("ran", job.what)
        """,
        options="max_concurrency = 1\nmax_attempts = 1\ntimeout = timedelta(seconds=1)\n",
    )
    worker = app.run_jobs()
    [late] = rows.insert("late")
    worker.wait_for_line("late waits")
    [other] = rows.insert("other")
    worker.wait_for_line("its slot stays taken")
    assert rows.get(late).status == "job_status_running"
    assert rows.get(other).status == "job_status_not_started"
    app.write("go", "")
    rows.wait_for_status([late], "timed_out")
    rows.wait_for_status([other], "succeeded")


def test_job_for_which_no_thread_can_be_started_runs_in_counted_attempts_only(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            os.write(1, f"ran {job.id} {job.attempts_count}\\n".encode())
            if job.what == "hold":
                import threading
                # No thread can be started any more: nothing has so much memory.
                threading.stack_size(1 << 46)
                print("holds", flush=True)
                while not os.path.exists("go"):
                    time.sleep(0.01)
        """,
        options="max_concurrency = 4\nmax_attempts = 3\n",
    )
    worker = app.run_jobs()
    hold = rows.insert("hold")
    worker.wait_for_line("holds")
    failing = rows.insert(n=5)
    rows.wait_for_status(failing, "failed", attempts=3)
    assert "can't start new thread" in rows.get(failing[0]).last_error
    app.write("go", "")
    rows.wait_for_status(hold, "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert [line for line in output.splitlines() if line.startswith("ran ")] == [f"ran {hold[0]} 1"]
    assert "shut down" in output


def test_job_starts_at_run_at_without_polling(app: Application, rows: Rows) -> None:
    app.run_jobs("--poll", "600")
    [later] = rows.insert(run_at="now() + interval '1.5 seconds'")
    [never] = rows.insert(run_at="'infinity'")
    [sooner] = rows.insert(run_at="now() + interval '1 hour'")
    rows.conn.execute("UPDATE probe_jobs SET run_at = now() WHERE id = %s", (sooner,))
    rows.wait_for_status([sooner], "succeeded")
    rows.wait_for_status([later], "succeeded")
    row = rows.get(later)
    assert row.updated_at >= row.run_at
    assert rows.get(never).status == "job_status_not_started"


def test_two_workers_run_each_row_once(app: Application, rows: Rows) -> None:
    workers = [app.run_jobs(), app.run_jobs()]
    jobs = rows.insert(n=1000)
    rows.wait_for_status(jobs, "succeeded")
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    ran = [
        line.split()[1]
        for worker in workers
        for line in worker.wait_for_exit().splitlines()
        if line.startswith("ran ")
    ]
    assert sorted(ran) == sorted(map(str, jobs))


def test_drain_exits_with_1_if_a_job_failed(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job):\n    assert job.what != 'fail'", options="max_attempts = 1\n"
    )
    rows.insert(n=3)
    rows.insert(run_at="now() + interval '1 hour'")
    app.start("run-jobs", "--drain").wait_for_exit(0)
    rows.insert("fail")
    app.start("run-jobs", "--drain").wait_for_exit(1)


def test_log_lines_name_job_id_and_attempt(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            import logging
            logging.getLogger("shop").info("hello from %s", job.what)
        """
    )
    worker = app.run_jobs()
    [job] = rows.insert()
    worker.wait_for_line(f"[Probe {job} attempt 1] hello from return")


def test_worker_continues_after_the_table_is_dropped_and_recreated(
    app: Application, rows: Rows
) -> None:
    worker = app.run_jobs("--poll", "0.2")
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO away_jobs")
    with psycopg.connect(app.env["DATABASE_URL"], autocommit=True) as conn:
        conn.execute("NOTIFY job_workers, 'public.probe_jobs'")
    worker.wait_for_line("cannot claim jobs of")
    rows.conn.execute("ALTER TABLE away_jobs RENAME TO probe_jobs")
    rows.wait_for_status(rows.insert(), "succeeded")
