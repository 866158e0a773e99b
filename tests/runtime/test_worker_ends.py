"""Workers that die, are stopped, or lose the database: nothing is lost, nothing runs twice."""

from __future__ import annotations

import signal

import psycopg

from tests.support.application import WAIT_FOR_GO, Application
from tests.support.rows import Rows


def test_kill_9_puts_the_job_back_once_its_heartbeat_ends(app: Application, rows: Rows) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs()
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGKILL)
    app.write("go", "")
    app.run_jobs()
    rows.wait_for_status([job], "succeeded", attempts=2)
    assert "died" in rows.get(job).last_error
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (1,)


def test_a_job_that_kills_its_worker_ends_as_failed_and_takes_no_other_with_it(
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
    for _ in range(3):
        app.start("run-jobs", "--heartbeat", "0.1").process.wait(20)
    app.run_jobs()
    rows.wait_for_status(good, "succeeded")
    rows.wait_for_status(poison, "failed", attempts=3)
    assert "died" in rows.get(poison[0]).last_error


def test_sigterm_lets_running_jobs_finish_and_starts_no_new_one(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO, options="max_concurrency = 1\n")
    worker = app.run_jobs()
    [running] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("ending")
    [later] = rows.insert()
    app.write("go", "")
    worker.wait_for_exit()
    assert rows.get(running).status == "job_status_succeeded"
    assert rows.get(later).status == "job_status_not_started"
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_after_the_grace_period_jobs_are_cancelled_and_put_back_uncounted(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    row = rows.get(job)
    assert (row.status, row.attempts_count, row.locked_by) == ("job_status_not_started", 0, None)


def test_a_second_signal_ends_the_grace_period(app: Application, rows: Rows) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--grace", "600")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGINT)
    worker.wait_for_line("ending")
    worker.send_signal(signal.SIGINT)
    worker.wait_for_exit()
    assert rows.get(job).attempts_count == 0


def test_threads_end_with_the_process_and_their_jobs_are_put_back_uncounted(
    app: Application, rows: Rows
) -> None:
    app.write_job("def perform(self, job):\n    print('waiting', flush=True)\n    time.sleep(600)")
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert()
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    rows.wait_for_status([job], "not_started", attempts=0)


def test_a_job_longer_than_every_interval_runs_once(app: Application, rows: Rows) -> None:
    # Blocks the event loop for longer than a dead worker is waited for.
    app.write_job("async def perform(self, job):\n    time.sleep(2)\n    print('ran', job.id)")
    first = app.start("run-jobs", "--heartbeat", "0.2")
    first.wait_for_line("ready")
    jobs = rows.insert(n=2)
    second = app.start("run-jobs", "--heartbeat", "0.2")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    for worker in (first, second):
        worker.send_signal(signal.SIGTERM)
    output = first.wait_for_exit() + second.wait_for_exit()
    assert all(output.count(f"ran {job}") == 1 for job in jobs)


def test_a_worker_stopped_until_its_jobs_were_taken_changes_no_row_and_goes_on(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    stopped = app.run_jobs()
    [job] = rows.insert("wait")
    stopped.wait_for_line("waiting")
    stopped.send_signal(signal.SIGSTOP)
    other = app.run_jobs()
    other.wait_for_line("waiting")
    stopped.send_signal(signal.SIGCONT)
    stopped.wait_for_line("cancelling what runs")
    other.send_signal(signal.SIGSTOP)
    [more] = rows.insert()
    stopped.wait_for_line(f"ran {more}")
    other.send_signal(signal.SIGCONT)
    app.write("go", "")
    rows.wait_for_status([job, more], "succeeded")
    assert [change for change in rows.seen if change[0] == job][-1][2] >= 2


def test_broken_connections_are_made_anew_and_nothing_is_lost(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "0.5")
    jobs = []
    for _ in range(5):
        jobs += rows.insert(n=50)
        rows.conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'run-jobs%' AND datname = current_database()"
        )
    jobs += rows.insert(n=50)
    rows.wait_for_status(jobs, "succeeded")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_a_claim_whose_answer_was_lost_is_put_back(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "0.2")
    [job] = rows.insert(run_at="now() + interval '1 hour'")
    # What such a claim leaves behind: a row that names the worker, which knows nothing of it.
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = 1, run_at = now(),"
        " locked_at = now(), locked_by = (SELECT id FROM job_workers) WHERE id = %s",
        (job,),
    )
    worker.wait_for_line("whose claim was lost")
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_rows_of_a_worker_that_nobody_knows_are_put_back(app: Application, rows: Rows) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = 1,"
        " locked_at = now(), locked_by = gen_random_uuid() WHERE id = %s",
        (job,),
    )
    app.run_jobs()
    rows.wait_for_status([job], "succeeded", attempts=2)


def test_a_dead_listen_is_noticed(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "0.3")
    rows.conn.execute("ALTER TABLE probe_jobs DISABLE TRIGGER probe_jobs_wake_on_insert")
    # Without any notification the poll finds it.
    rows.wait_for_status(rows.insert(), "succeeded")
    rows.conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'run-jobs work' AND datname = current_database()"
    )
    worker.wait_for_line("the connection broke")
    rows.conn.execute("ALTER TABLE probe_jobs ENABLE TRIGGER probe_jobs_wake_on_insert")
    rows.wait_for_status(rows.insert(), "succeeded")


def cut_off(rows: Rows, server_url: str) -> None:
    """The workers lose the database, and do not get it back."""
    name = rows.conn.info.dbname
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        conn.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name LIKE 'run-jobs%%' AND datname = %s",
            (name,),
        )


def let_in(rows: Rows, server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{rows.conn.info.dbname}" ALLOW_CONNECTIONS true'.encode())


def test_a_broken_database_does_not_hang_the_shutdown(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--grace", "0.1")
    rows.insert("wait")
    worker.wait_for_line("waiting")
    cut_off(rows, server_url)
    worker.wait_for_line("does not answer")
    worker.send_signal(signal.SIGTERM)
    assert "Traceback" not in worker.wait_for_exit()


def test_an_outage_shorter_than_the_heartbeats_patience_ends_no_job(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--heartbeat", "60")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    cut_off(rows, server_url)
    worker.wait_for_line("does not answer")
    app.write("go", "")
    worker.wait_for_line("ran")
    let_in(rows, server_url)
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_an_outage_longer_than_every_interval_ends_no_worker(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("-v")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    cut_off(rows, server_url)
    worker.wait_for_line("cancelling what runs")
    worker.wait_for_line("no heartbeat", times=8)
    app.write("go", "")
    let_in(rows, server_url)
    rows.wait_for_status([job], "succeeded", attempts=2)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_a_thread_that_others_took_over_ends_with_its_process(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            print("waiting", flush=True)
            while not os.path.exists("go"):
                time.sleep(0.01)
        """
    )
    stopped = app.run_jobs()
    [job] = rows.insert()
    stopped.wait_for_line("waiting")
    stopped.send_signal(signal.SIGSTOP)
    app.run_jobs().wait_for_line("waiting")
    stopped.send_signal(signal.SIGCONT)
    assert "this process ends" in stopped.wait_for_exit(75)
    app.write("go", "")
    rows.wait_for_status([job], "succeeded")
