"""A worker that has lost its lease changes no row in the name of its lost identity."""

from __future__ import annotations

from uuid import UUID

import psycopg

from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.waiting import wait_for

IGNORES_CANCELLATION = """
async def perform(self, job):
    print("runs", job.id, flush=True)
    while job.what == "wait" and not os.path.exists("go"):
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            pass
"""
"""A job that ignores its cancellation, so that it runs longer than its worker holds its row."""


def insert_unrescued_job(worker: Process, rows: Rows) -> UUID:
    """Insert a job and wait until it runs; no other worker rescues it."""
    [job] = rows.insert("wait")
    worker.wait_for_line(f"runs {job}")
    rows.conn.execute("UPDATE job_workers SET expires_at = 'infinity'")
    return job


def declare_dead(worker: Process, rows: Rows) -> None:
    """Make heartbeats find no row of the worker until it has lost its lease; keep the row."""
    rows.conn.execute(
        """
        CREATE FUNCTION ignore() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER ignore BEFORE UPDATE ON job_workers
            FOR EACH ROW EXECUTE FUNCTION ignore();
        """
    )
    worker.wait_for_line("declared this one dead: cancelling all running jobs")
    rows.conn.execute("DROP TRIGGER ignore ON job_workers")


def assert_row_unchanged(app: Application, rows: Rows, job: UUID) -> None:
    """Check that nothing has changed the row when the worker claims under a new identity."""
    app.write("go", "")
    rows.wait_for_status(rows.insert(), "succeeded")
    assert [change for change in rows.seen if change[0] == job] == [(job, "job_status_running", 1)]


def test_worker_that_loses_its_lease_while_it_reconnects_releases_nothing(
    app: Application, rows: Rows, server_url: str
) -> None:
    app.write_job(IGNORES_CANCELLATION)
    worker = app.run_jobs("--poll", "0.1", "--heartbeat", "1")
    job = insert_unrescued_job(worker, rows)
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
    assert_row_unchanged(app, rows, job)


def waiting_statement(rows: Rows) -> str:
    """Return the statement with which a worker waits for a lock, or an empty text."""
    query = """
        SELECT query FROM pg_stat_activity
        WHERE application_name = 'run-jobs work' AND wait_event_type = 'Lock'
            AND datname = current_database()
    """
    return "".join(row[0] for row in rows.conn.execute(query))


def test_worker_that_loses_its_lease_while_it_reconciles_releases_nothing(
    app: Application, rows: Rows
) -> None:
    app.write_job(IGNORES_CANCELLATION)
    worker = app.run_jobs("--poll", "0.2", "--heartbeat", "1")
    job = insert_unrescued_job(worker, rows)
    with psycopg.connect(app.env["DATABASE_URL"]) as conn:
        conn.execute("LOCK TABLE probe_jobs")

        def is_reconciling() -> bool:
            statement = waiting_statement(rows)
            if statement and "AS latest" not in statement:
                conn.rollback()
                conn.execute("LOCK TABLE probe_jobs")
            return "AS latest" in statement

        wait_for(is_reconciling, "a reconciliation that waits for the lock")
        declare_dead(worker, rows)
    assert_row_unchanged(app, rows, job)
