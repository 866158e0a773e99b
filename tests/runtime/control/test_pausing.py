"""Pause and resume a kind of job on all workers at once."""

from __future__ import annotations

import asyncio

import psycopg

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob

CLAIMS = """
CREATE TABLE claims (at TIMESTAMP WITH TIME ZONE);
CREATE FUNCTION note_claim() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims VALUES (statement_timestamp());
    RETURN NULL;
END
$$;
CREATE TRIGGER note_claim AFTER UPDATE ON probe_jobs FOR EACH ROW
    WHEN (NEW.status = 'job_status_running') EXECUTE FUNCTION note_claim();
"""


def count(rows: Rows, what: str) -> int:
    [row] = rows.conn.execute(f"SELECT count(*) FROM {what}".encode())  # noqa: S608 -- the test's own text
    return int(row[0])


def test_paused_kind_starts_no_job_while_running_jobs_continue(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(CLAIMS.encode())
    app.write_job("async def perform(self, job):\n    await asyncio.sleep(0.02)")
    backlog = rows.insert(n=2000)
    for _ in range(2):
        app.run_jobs("--poll", "600")
    rows.wait_for_status(backlog[:1], "succeeded")

    assert ProbeJob.pause_sync()
    [paused_at] = rows.conn.execute("SELECT clock_timestamp()").fetchone() or [None]
    more = rows.insert(n=10)
    # A worker that starts later claims nothing either, and its drain does not wait for the jobs.
    assert "ran" not in app.start("run-jobs", "--drain").wait_for_exit()
    while count(rows, "probe_jobs WHERE status = 'job_status_running'"):
        pass

    assert count(rows, "claims") < len(backlog)
    assert count(rows, f"claims WHERE at > '{paused_at}'") == 0
    assert count(rows, "probe_jobs WHERE status = 'job_status_succeeded'") == count(rows, "claims")

    assert ProbeJob.resume_sync()
    # At once, not at their next poll.
    rows.wait_for_status([*backlog, *more], "succeeded", attempts=1)


def test_pause_and_resume_return_whether_they_changed_anything(app_database: str) -> None:
    async def pause_and_resume() -> list[bool]:
        async with await psycopg.AsyncConnection.connect(app_database, autocommit=True) as conn:
            return [
                await operation(conn)
                for operation in (ProbeJob.resume, ProbeJob.pause, ProbeJob.pause, ProbeJob.resume)
            ]

    assert asyncio.run(pause_and_resume()) == [False, True, False, True]


def test_pause_in_a_rolled_back_transaction_has_no_effect(
    app: Application, rows: Rows, app_database: str
) -> None:
    with psycopg.connect(app_database) as conn:
        ProbeJob.pause_sync(conn)
        conn.rollback()
    jobs = rows.insert(n=3)
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded")
