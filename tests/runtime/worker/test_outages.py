"""Broken connections and outages of the database."""

from __future__ import annotations

import signal

from tests.support.application import SHORT_LEASE, WAIT_FOR_GO, Application
from tests.support.connections import allow_connections, break_connections, refuse_connections
from tests.support.rows import Rows
from tests.support.waiting import wait_for


def test_worker_reopens_broken_connections_and_loses_no_job(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "0.5")
    jobs = []
    for _ in range(5):
        jobs += rows.insert(n=50)
        wait_for(lambda: break_connections(rows) > 0, "a connection to break")
    jobs += rows.insert(n=50)
    rows.wait_for_status(jobs, "succeeded")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_worker_notices_that_listen_has_stopped(app: Application, rows: Rows) -> None:
    app.run_jobs("--poll", "0.3")
    rows.conn.execute("ALTER TABLE probe_jobs DISABLE TRIGGER probe_jobs_wake_on_insert")
    # Without a notification, the poll finds the job.
    rows.wait_for_status(rows.insert(), "succeeded")
    assert break_connections(rows, "run-jobs work") == 1
    connected = (
        "SELECT FROM pg_stat_activity"
        " WHERE application_name = 'run-jobs work' AND datname = current_database()"
    )
    wait_for(lambda: rows.conn.execute(connected).fetchall(), "the worker connects again")
    rows.conn.execute("ALTER TABLE probe_jobs ENABLE TRIGGER probe_jobs_wake_on_insert")
    rows.wait_for_status(rows.insert(), "succeeded")


def test_unreachable_database_does_not_block_the_shutdown(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--grace", "0.1")
    rows.insert("wait")
    worker.wait_for_line("waiting")
    refuse_connections(rows, server_url)
    worker.wait_for_line("does not answer")
    worker.send_signal(signal.SIGTERM)
    assert "Traceback" not in worker.wait_for_exit()


def test_outage_shorter_than_the_lease_interrupts_no_job(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--heartbeat", "60")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    refuse_connections(rows, server_url)
    worker.wait_for_line("does not answer")
    app.write("go", "")
    worker.wait_for_line("ran")
    allow_connections(rows, server_url)
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_outage_longer_than_the_lease_ends_no_worker(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs(*SHORT_LEASE, "-v")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    refuse_connections(rows, server_url)
    worker.wait_for_line("cancelling all running jobs")
    worker.wait_for_line("heartbeat failed", times=8)
    app.write("go", "")
    allow_connections(rows, server_url)
    rows.wait_for_status([job], "succeeded", attempts=2)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
