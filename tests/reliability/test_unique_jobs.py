"""A running job that has to wait again, while a duplicate of it waits or is being created."""

from __future__ import annotations

import signal

import psycopg

from tests.support.application import Application, branches
from tests.support.rows import Rows

WAITING = """
CREATE UNIQUE INDEX one_waits ON probe_jobs (what)
WHERE status IN ('job_status_not_started', 'job_status_retry')
"""
PERFORM = """
async def perform(self, job):
    print("performed", job.what, flush=True)
    while not os.path.exists("go"): await asyncio.sleep(0.01)
""" + "".join(
    f"    {line}\n"
    for line in branches(
        {
            "retry": "raise ValueError('the cause')",
            "snooze": "raise Snooze(timedelta(seconds=1))",
            "release": "await asyncio.sleep(600)",
        }
    ).splitlines()
)


def test_job_that_cannot_wait_next_to_its_duplicate_fails_and_says_so(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(WAITING)
    app.write_job(f"from jobgen_runtime import Snooze\n{PERFORM}")
    kinds = ("retry", "snooze", "release")
    jobs = {what: rows.insert(what)[0] for what in kinds}
    worker = app.run_jobs("--grace", "0.1")
    worker.wait_for_line("performed", times=3)
    duplicates = [rows.insert(what, run_at="'infinity'")[0] for what in kinds]
    app.write("go", "")
    rows.wait_for_status([jobs["retry"], jobs["snooze"]], "failed", attempts=1)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    rows.wait_for_status([jobs["release"]], "failed", attempts=1)
    for what, job in jobs.items():
        error = rows.get(job).last_error
        assert "there is another such job, and the unique index allows one" in error, what
    assert "the cause" in rows.get(jobs["retry"]).last_error
    assert {rows.get(job).status for job in duplicates} == {"job_status_not_started"}


def test_retry_waits_for_a_transaction_that_creates_a_duplicate_and_holds_up_no_other_job(
    app: Application, app_database: str, rows: Rows
) -> None:
    rows.conn.execute(WAITING)
    app.write_job(PERFORM, options="max_attempts = 2\n")
    [job] = rows.insert("retry")
    worker = app.run_jobs()
    worker.wait_for_line("performed retry")
    with psycopg.connect(app_database) as conn:
        conn.execute("INSERT INTO probe_jobs (what) VALUES ('retry')")
        app.write("go", "")
        others = rows.insert("other 1") + rows.insert("other 2")
        rows.wait_for_status(others, "succeeded", attempts=1)
        assert rows.get(job).status == "job_status_running"
        conn.rollback()
    rows.wait_for_status([job], "failed", attempts=2)
    assert rows.changes(job)[:2] == [("job_status_running", 1), ("job_status_retry", 1)]
