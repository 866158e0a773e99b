"""Workers that are asked to shut down: the grace period, and what follows it."""

from __future__ import annotations

import signal

from tests.support.application import WAIT_FOR_GO, Application
from tests.support.rows import Rows


def test_sigterm_lets_running_jobs_finish_and_starts_no_new_job(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO, options="max_concurrency = 1\n")
    worker = app.run_jobs()
    [running] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("shutting down")
    [later] = rows.insert()
    app.write("go", "")
    worker.wait_for_exit()
    assert rows.get(running).status == "job_status_succeeded"
    assert rows.get(later).status == "job_status_not_started"
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_running_jobs_are_interrupted_and_released_after_the_grace_period(
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


def test_second_signal_ends_the_grace_period(app: Application, rows: Rows) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--grace", "600")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGINT)
    worker.wait_for_line("shutting down")
    worker.send_signal(signal.SIGINT)
    worker.wait_for_exit()
    assert rows.get(job).attempts_count == 0


def test_jobs_in_threads_are_released_after_the_process_has_exited(
    app: Application, rows: Rows
) -> None:
    app.write_job("def perform(self, job):\n    print('waiting', flush=True)\n    time.sleep(600)")
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert()
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    rows.wait_for_status([job], "not_started", attempts=0)
