"""Shutdowns start no job, and do not wait for threads and tasks that jobs left behind."""

from __future__ import annotations

import signal

import psycopg
import pytest

from tests.support.application import Application
from tests.support.other_kind import insert_other
from tests.support.rows import Rows
from tests.support.waiting import wait_for

LEFT_BEHIND = {
    "a thread of asyncio's": """
        async def perform(self, job):
            print("waiting", flush=True)
            await asyncio.to_thread(time.sleep, 600)
        """,
    "a started thread": """
        async def perform(self, job):
            import threading
            threading.Thread(target=time.sleep, args=(600,)).start()
            print("waiting", flush=True)
        """,
    "a task that cannot be cancelled": """
        async def perform(self, job):
            type(self).left = asyncio.create_task(self.stay())
            print("waiting", flush=True)

        async def stay(self):
            while True:
                try:
                    await asyncio.sleep(600)
                except asyncio.CancelledError:
                    pass
        """,
}


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_shutdown_does_not_wait_for_threads_and_tasks_that_jobs_left_behind(
    app: Application, rows: Rows, left: str
) -> None:
    app.write_job(LEFT_BEHIND[left])
    worker = app.run_jobs("--grace", "0.1")
    rows.insert()
    worker.wait_for_line("waiting")
    worker.send_signal(signal.SIGTERM)
    assert "left behind by jobs did not end" in worker.wait_for_exit()
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_job_whose_claim_is_answered_after_the_signal_does_not_start(
    app: Application, rows: Rows
) -> None:
    app.write_job("async def perform(self, job):\n    print('began')\n    await asyncio.sleep(600)")
    worker = app.run_jobs("--grace", "600")
    # The claim waits for this lock, and succeeds after the signal.
    with rows.conn.transaction():
        rows.conn.execute("LOCK TABLE probe_jobs IN SHARE ROW EXCLUSIVE MODE")
        [job] = rows.insert()
        with psycopg.connect(app.env["DATABASE_URL"], autocommit=True) as conn:
            conn.execute("SELECT pg_notify('job_workers', 'public.probe_jobs')")
            waits = "SELECT FROM pg_locks WHERE relation = 'probe_jobs'::REGCLASS AND NOT granted"
            wait_for(lambda: conn.execute(waits).fetchall(), "a claim that waits for the lock")
            worker.send_signal(signal.SIGTERM)
            worker.wait_for_line("shutdown requested")
    assert "began" not in worker.wait_for_exit()
    row = rows.get(job)
    assert (row.status, row.attempts_count) == ("job_status_not_started", 0)


def test_shutdown_during_a_claim_claims_no_job_of_another_kind(
    two_kinds: Application, rows: Rows
) -> None:
    worker = two_kinds.run_jobs()
    with rows.conn.transaction():
        rows.conn.execute("LOCK TABLE probe_jobs IN SHARE ROW EXCLUSIVE MODE")
        rows.insert()
        other = insert_other(rows)
        with psycopg.connect(two_kinds.env["DATABASE_URL"], autocommit=True) as conn:
            conn.execute("SELECT pg_notify('job_workers', 'public.probe_jobs')")
            waits = "SELECT FROM pg_locks WHERE relation = 'probe_jobs'::REGCLASS AND NOT granted"
            wait_for(lambda: conn.execute(waits).fetchall(), "a claim that waits for the lock")
            # Both tables have due rows when the claim is answered.
            conn.execute("SELECT pg_notify('job_workers', 'public.other_jobs')")
            worker.send_signal(signal.SIGTERM)
            worker.wait_for_line("shutdown requested")
    worker.wait_for_exit()
    [changed] = rows.conn.execute(
        "SELECT updated_at <> created_at FROM other_jobs WHERE id = %s", (other,)
    )
    assert changed == (False,)
