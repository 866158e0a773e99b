"""Expiry, reports of failures, and recorded attempts: what belongs to the end of an attempt."""

from __future__ import annotations

import signal

import pytest

from tests.support.application import Application, branches
from tests.support.reporting import ON_FAILED, add_reports, attempts, reports
from tests.support.rows import Rows
from tests.support.waiting import wait_for

OPTIONS = """
max_attempts = 2
expires_after = timedelta(hours=1)
keep_attempts = True
"""
CASES = {
    "raise": 'raise ValueError("the cause")',
    "cancel": "raise Cancel('sold out')",
    "snooze": """
        path = f"snoozed-{job.id}"
        if not os.path.exists(path):
            open(path, "w").close()
            raise Snooze(for_=timedelta(0))
    """,
}
ASYNC = {
    **CASES,
    "sleep": "await asyncio.sleep(600)",
    "transaction": """
        async with job.transaction() as conn:
            await conn.execute("SELECT 1")
    """,
}
SYNC = {
    **CASES,
    "transaction": """
        with job.transaction_sync() as conn:
            conn.execute("SELECT 1")
    """,
}
WHERE = {
    "async": ("async def", ASYNC, "timeout = timedelta(seconds=2)\n"),
    "in a thread": ("def", SYNC, ""),
    "in a process": ("def", SYNC, "isolation = 'process'\n"),
}


@pytest.mark.parametrize("where", WHERE)
def test_each_attempt_is_recorded_and_each_permanent_failure_is_reported(
    app: Application, rows: Rows, where: str
) -> None:
    add_reports(app, rows.conn)
    define, cases, more = WHERE[where]
    options = ON_FAILED + OPTIONS + more
    lines = branches(cases).replace("\n", "\n    ")
    body = f"from jobgen_runtime import Cancel, Snooze\n    {lines}"
    app.write_job(f"{define} perform(self, job):\n    {body}\n", options=options)
    jobs = {name: rows.insert(name)[0] for name in ("return", *cases)}
    [late] = rows.insert(run_at="now() - interval '2 hours'")
    [first_of_all] = rows.insert(run_at="'-infinity'")
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    recorded = {
        "return": [(1, "succeeded")],
        "raise": [(1, "failed"), (2, "failed")],
        "cancel": [(1, "cancelled")],
        "snooze": [(1, "snoozed"), (1, "succeeded")],
        "sleep": [(1, "timed_out"), (2, "timed_out")],
        "transaction": [(1, "succeeded")],
    }
    assert {name: attempts(rows, job) for name, job in jobs.items()} == {
        name: recorded[name] for name in jobs
    }
    assert attempts(rows, late) == [(1, "expired")]
    assert attempts(rows, first_of_all) == [(1, "succeeded")]
    assert "The job expired: its attempt could not begin within 1 h" in rows.get(late).last_error
    failed = [late, *(jobs[name] for name in ("raise", "cancel", "sleep") if name in jobs)]
    expected = {("probe_jobs", job, rows.get(job).last_error) for job in failed}
    found = reports(rows)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert output.count("reported probe_jobs") == len(expected)


def test_job_that_an_operator_cancels_is_not_reported(app: Application, rows: Rows) -> None:
    add_reports(app, rows.conn)
    app.write_job(
        "async def perform(self, job):\n"
        "    print('began', flush=True)\n"
        "    await asyncio.sleep(600)\n",
        options=ON_FAILED + "keep_attempts = True\n",
    )
    worker = app.run_jobs("--grace", "0.1")
    [waiting] = rows.insert(run_at="'infinity'")
    [running] = rows.insert()
    worker.wait_for_line("began")
    app.start("manage-jobs", "cancel", "Probe", str(waiting), str(running)).wait_for_exit()
    rows.wait_for_status([waiting, running], "failed")
    assert attempts(rows, running) == [(1, "cancelled")]
    assert attempts(rows, waiting) == []
    # Interrupted by a shutdown: the attempt is recorded, and does not count.
    [interrupted] = rows.insert()
    worker.wait_for_line("began")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    assert attempts(rows, interrupted) == [(1, "interrupted")]
    assert reports(rows) == []


def test_refused_report_does_not_hold_up_the_end_of_its_job(app: Application, rows: Rows) -> None:
    add_reports(app, rows.conn)
    app.write_job(
        "async def perform(self, job):\n    if job.what != 'return': raise ValueError(job.what)\n",
        options=ON_FAILED + "max_attempts = 1\nkeep_attempts = True\n",
    )
    worker = app.run_jobs()
    rows.conn.execute("ALTER TABLE report_jobs ADD CHECK (failed_error NOT LIKE '%bad%')")
    good, bad = rows.insert("good", n=3), rows.insert("bad", n=2)
    rows.wait_for_status([*good, *bad], "failed", attempts=1)
    assert {job for _, job, _ in reports(rows)} == set(good)
    worker.wait_for_lines(*(f"{job} ended without its report in report_jobs" for job in bad))
    rows.conn.execute("ALTER TABLE report_jobs RENAME COLUMN failed_id TO failed")
    without = rows.insert("good", n=2)
    rows.wait_for_status(without, "failed", attempts=1)
    worker.wait_for_lines(*map(str, without))
    assert attempts(rows, without[0]) == []
    rows.conn.execute("ALTER TABLE report_jobs RENAME COLUMN failed TO failed_id")
    rows.conn.execute("ALTER TABLE job_attempts RENAME TO elsewhere")
    succeeded = rows.insert("return", n=2)
    rows.wait_for_status(succeeded, "succeeded", attempts=1)
    rows.conn.execute("ALTER TABLE elsewhere RENAME TO job_attempts")
    again = rows.insert("good", n=1)
    rows.wait_for_status(again, "failed", attempts=1)
    wait_for(lambda: attempts(rows, again[0]) == [(1, "failed")], "attempts are recorded again")
    assert {job for _, job, _ in reports(rows)} == {*good, *again}
