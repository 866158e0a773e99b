"""What `run-jobs --check` says about schedules, and which right a worker needs for them."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.application import Application
from tests.support.roles import use_worker_role
from tests.support.rows import Rows
from tests.support.schedules import add_schedule

PERFORM = "async def perform(self, job):\n    pass\n"
OPTIONS = """
from jobgen_runtime import Cron

schedule = Cron("0 5 * * *", timezone="Europe/Berlin", values={"what": "nightly"})
"""


def test_check_shows_schedules_and_those_that_do_not_fit_the_table(
    app: Application, rows: Rows
) -> None:
    app.write_job(PERFORM, options=OPTIONS)
    output = app.start("run-jobs", "--check").wait_for_exit(0)
    assert "-- Nothing is missing" in output
    add_schedule(rows.conn, "unique", last_error="Skipped: a unique index allows one such job.")
    output = app.start("run-jobs", "--check").wait_for_exit(0)
    assert (
        "-- schedule of Probe default: 0 5 * * * Europe/Berlin, in the code, added by the next "
        "worker that starts" in output
    )
    rows.conn.execute("ALTER TABLE probe_jobs ADD COLUMN band INT NOT NULL")
    values = '{"what": "x", "bond": 1}'
    add_schedule(rows.conn, "tenant", values=values, last_error="Zone is\nunknown.")
    output = app.start("run-jobs", "--check").wait_for_exit(3)
    for expected in (
        "-- Probe: the schedule 'default' has no value for band: probe_jobs requires it and has",
        "-- Change `values` of the schedule in its class, or the table.",
        "-- Probe: the schedule 'tenant' has values for bond, which probe_jobs does not have.",
        "-- Probe: the schedule 'tenant' has no value for band: probe_jobs requires it",
        "-- Change its row in job_schedules, or the table.",
        "-- Probe: the schedule 'tenant' inserted no job at its last tick: Zone is",
        "-- unknown.",
        "--     Skipped: a unique index allows one such job.",
        "-- schedule of Probe tenant: @every 1h, next to be computed, last never, added by an op",
    ):
        assert expected in output
    assert all(line.startswith("--") for line in output.splitlines())


def test_worker_with_schedules_needs_the_right_to_insert(
    app: Application, rows: Rows, make_role: Callable[[], str]
) -> None:
    app.write_job(PERFORM, options=OPTIONS)
    role = use_worker_role(app, rows, make_role)
    output = app.start("run-jobs").wait_for_exit(1)
    assert f'The role {role} may not INSERT on "probe_jobs".' in output
    rows.conn.execute(f'GRANT INSERT ON probe_jobs TO "{role}"'.encode())
    output = app.start("run-jobs").wait_for_exit(1)
    assert f"{role} may not SELECT and INSERT and UPDATE and DELETE on job_schedules." in output
    rows.conn.execute(f'GRANT ALL ON job_schedules TO "{role}"'.encode())
    worker = app.run_jobs()
    worker.wait_for_line("added the schedule 'default' of probe_jobs")
