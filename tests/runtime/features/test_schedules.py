"""Schedules on real workers."""

from __future__ import annotations

import signal

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.schedules import add_schedule, read_schedule
from tests.support.waiting import wait_for

CONNECTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'run-jobs schedule'
"""
PERFORM = """
async def perform(self, job):
    print("ran", job.what, flush=True)
"""


def count(rows: Rows, query: str) -> int:
    [(number,)] = rows.conn.execute(query.encode()).fetchall()
    return int(number)


def test_worker_meets_schedules_that_plain_sql_adds_and_changes(
    app: Application, rows: Rows
) -> None:
    app.write_job(PERFORM)
    worker = app.run_jobs()
    # A worker without schedules has no connection for them. It polls once an hour.
    assert count(rows, CONNECTIONS) == 0
    add_schedule(rows.conn, "tenant", "@every 1s", values='{"what": "tenant"}')
    worker.wait_for_line("ran tenant", times=2)
    assert count(rows, CONNECTIONS) == 1
    add_schedule(rows.conn, "yearly", "@yearly", values='{"what": "yearly"}')
    wait_for(lambda: (read_schedule(rows.conn, "yearly")["due_in"] or 0) > 1)
    rows.conn.execute("UPDATE job_schedules SET paused_at = NOW() WHERE name = 'tenant'")
    rows.conn.execute("UPDATE job_schedules SET next_at = NOW() WHERE name = 'yearly'")
    worker.wait_for_line("ran yearly")
    rows.conn.execute("DELETE FROM job_schedules WHERE name = 'yearly'")
    # It learns of that when the last schedule that it knows of would be due, or is changed.
    rows.conn.execute("UPDATE job_schedules SET paused_at = NULL")
    worker.wait_for_line("ran tenant")
    rows.conn.execute("DELETE FROM job_schedules")
    wait_for(lambda: count(rows, CONNECTIONS) == 0, "no connection for schedules")

    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    add_schedule(rows.conn, "due", next_at="2026-01-01Z")
    number = count(rows, "SELECT count(*) FROM probe_jobs")
    app.start("run-jobs", "--drain").wait_for_exit()
    assert count(rows, "SELECT count(*) FROM probe_jobs") == number


def test_invalid_schedule_of_a_class_is_reported_with_its_place(app: Application) -> None:
    app.write_job(
        PERFORM, options="from jobgen_runtime import Cron\nschedule = Cron('0 25 * * *')\n"
    )
    output = app.start("run-jobs").wait_for_exit(1)
    assert "Web/Job/Probe.py, line 11: Cron: '0 25 * * *' is not a cron expression" in output
    assert "Traceback" not in output
