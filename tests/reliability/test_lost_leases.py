"""A worker that has lost its identity changes no row in the name of it."""

from __future__ import annotations

from uuid import UUID

import psycopg

from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows

GOES_ON = """
async def perform(self, job):
    print("runs", job.id, flush=True)
    while job.what == "wait" and not os.path.exists("go"):
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            pass
"""
"""It runs on though it is cancelled, so that its row and what runs can be told apart."""


def running_for_longer_than_its_worker_lives(worker: Process, rows: Rows) -> UUID:
    """A job that nobody takes back: the database goes on to believe in its worker."""
    [job] = rows.insert("wait")
    worker.wait_for_line(f"runs {job}")
    rows.conn.execute("UPDATE job_workers SET expires_at = 'infinity'")
    return job


def declare_dead(worker: Process, rows: Rows) -> None:
    """Its heartbeats find no row, though there is one."""
    rows.conn.execute(
        """
        CREATE FUNCTION ignore() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER ignore BEFORE UPDATE ON job_workers
            FOR EACH ROW EXECUTE FUNCTION ignore();
        """
    )
    worker.wait_for_line("declared this one dead: cancelling all running jobs")
    rows.conn.execute("DROP TRIGGER ignore ON job_workers")


def expect_left_alone(app: Application, rows: Rows, job: UUID) -> None:
    """Nothing has touched its row by the time that the worker has a new identity."""
    app.write("go", "")
    rows.wait_for_status(rows.insert(), "succeeded")
    assert [change for change in rows.seen if change[0] == job] == [(job, "job_status_running", 1)]


def test_worker_that_loses_its_lease_while_it_reconnects_releases_nothing(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(GOES_ON)
    worker = app.run_jobs("--poll", "0.1", "--heartbeat", "1")
    job = running_for_longer_than_its_worker_lives(worker, rows)
    name = rows.conn.info.dbname
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        conn.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'run-jobs work' AND datname = %s",
            (name,),
        )
        worker.wait_for_line("the database does not answer")
        declare_dead(worker, rows)
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    worker.wait_for_line("the database answers again")
    expect_left_alone(app, rows, job)


def waiting_statement(rows: Rows) -> str:
    """What a worker waits for a lock with."""
    query = """
        SELECT query FROM pg_stat_activity
        WHERE application_name = 'run-jobs work' AND wait_event_type = 'Lock'
            AND datname = current_database()
    """
    return "".join(row[0] for row in rows.conn.execute(query))


def test_worker_that_loses_its_lease_while_it_reconciles_releases_nothing(
    app: Application, rows: Rows
) -> None:
    app.write_job(GOES_ON)
    worker = app.run_jobs("--poll", "0.2")
    job = running_for_longer_than_its_worker_lives(worker, rows)
    with psycopg.connect(app.env["DATABASE_URL"]) as conn:
        conn.execute("LOCK TABLE probe_jobs")
        while "AS latest" not in (waiting := waiting_statement(rows)):
            if waiting:
                conn.rollback()
                conn.execute("LOCK TABLE probe_jobs")
        declare_dead(worker, rows)
    expect_left_alone(app, rows, job)
