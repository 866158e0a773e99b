"""Job tables whose jobs wait although no job class and no worker has them."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.support.application import Application
from tests.support.other_kind import TWO_KINDS, insert_other
from tests.support.roles import use_worker_role
from tests.support.rows import Rows

WARNING = (
    "1 job waits in other_jobs, but no job class that this project registers runs them, "
    "and no live worker does. Add its class to the list `workers`"
)
ONLY_PROBE = TWO_KINDS.replace("workers = [Probe, Other]", "workers = [Probe]")


@pytest.fixture
def unregistered(two_kinds: Application) -> Application:
    """The application with the table of a kind that its `workers` do not list."""
    two_kinds.write("WorkerMain.py", ONLY_PROBE)
    return two_kinds


def test_jobs_of_a_kind_that_is_not_registered_are_reported_by_every_command(
    unregistered: Application, rows: Rows
) -> None:
    app = unregistered
    started = [app.start("run-jobs", "--check"), app.start("manage-jobs", "status")]
    for process in started:
        assert "other_jobs" not in process.wait_for_exit()
    insert_other(rows)
    drain = app.start("run-jobs", "--drain", "--processes", "2")
    check, status = app.start("run-jobs", "--check"), app.start("manage-jobs", "status")
    assert f"-- {WARNING.partition(' Add')[0]}" in check.wait_for_exit(3)
    assert all(line.startswith("--") for line in check.lines)
    assert WARNING in status.wait_for_exit()
    assert drain.wait_for_exit().count(WARNING) == 1


def test_worker_reports_a_kind_once_that_gets_jobs_later(
    unregistered: Application, rows: Rows
) -> None:
    worker = unregistered.run_jobs("--poll", "0.05")
    insert_other(rows)
    worker.wait_for_line(WARNING)
    rows.conn.execute("DELETE FROM other_jobs")
    [job] = rows.insert()
    rows.wait_for_status([job], "succeeded")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("other_jobs") == 1


@pytest.mark.parametrize(
    "where", ["registered", "parked", "paused", "another worker", "not a kind"]
)
def test_kind_with_a_worker_or_without_due_jobs_is_not_reported(
    two_kinds: Application, rows: Rows, where: str
) -> None:
    insert_other(rows)
    if where == "another worker":
        two_kinds.run_jobs("Other")
        insert_other(rows)
    if where != "registered":
        two_kinds.write("WorkerMain.py", ONLY_PROBE)
    changes = {
        "parked": "UPDATE other_jobs SET run_at = 'infinity'",
        "paused": "INSERT INTO job_pauses (job_table) VALUES ('other_jobs')",
        "not a kind": "ALTER TABLE other_jobs RENAME TO archive",
    }
    rows.conn.execute(changes.get(where, "SELECT").encode())
    options = ["--except", "Other"] if where == "registered" else []
    assert "no job class" not in two_kinds.start("run-jobs", "--drain", *options).wait_for_exit()


def test_kind_with_an_odd_name_is_reported_unless_the_role_cannot_read_its_table(
    unregistered: Application, rows: Rows, make_role: Callable[[], str]
) -> None:
    insert_other(rows)
    rows.conn.execute('ALTER TABLE other_jobs RENAME TO "Other %s_jobs"')
    output = unregistered.start("run-jobs", "--drain").wait_for_exit()
    assert "1 job waits in Other %s_jobs" in output
    use_worker_role(unregistered, rows, make_role)
    assert "no job class" not in unregistered.start("run-jobs", "--drain").wait_for_exit()


def test_nothing_waits_for_the_lock_of_an_unregistered_table(
    unregistered: Application, rows: Rows
) -> None:
    insert_other(rows)
    with rows.conn.transaction():
        rows.conn.execute("LOCK TABLE other_jobs")
        worker = unregistered.start("run-jobs", "--drain")
        status = unregistered.start("manage-jobs", "status")
        assert "no job class" not in worker.wait_for_exit()
        assert "no job class" not in status.wait_for_exit()
    assert WARNING in unregistered.start("manage-jobs", "status").wait_for_exit()
