"""A row that is changed by hand while it runs never runs twice at once, and is not abandoned."""

from __future__ import annotations

import signal
from uuid import UUID

import pytest

from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.waiting import wait_for

# Threads that print at the same time mix the ends of their lines, so each line is one write.
PERFORM = """
async def perform(self, job):
    os.write(1, b"start\\n")
    while not os.path.exists("go"):
        await asyncio.sleep(0.01)
    os.write(1, b"end\\n")
"""
IN_A_THREAD = PERFORM.replace("async def", "def").replace("await asyncio", "time")


def start_job_and_reset_it(app: Application, rows: Rows, perform: str) -> tuple[Process, UUID]:
    """Start a worker with a running job, and let it claim the job's row again meanwhile."""
    app.write_job(perform)
    worker = app.run_jobs()
    [job] = rows.insert()
    worker.wait_for_line("start")
    reset_and_wait(rows, job, attempts=2)
    return worker, job


def reset_and_wait(rows: Rows, job: UUID, attempts: int) -> None:
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_not_started', locked_by = NULL WHERE id = %s",
        (job,),
    )
    rows.wait_for_status([job], "running", attempts=attempts)


def starts_and_ends(output: str) -> list[str]:
    return [line for line in output.splitlines() if line in ("start", "end")]


@pytest.mark.parametrize("perform", [PERFORM, IN_A_THREAD], ids=["async", "thread"])
def test_row_that_is_reset_while_it_runs_runs_again_after_that(
    app: Application, rows: Rows, perform: str
) -> None:
    worker, job = start_job_and_reset_it(app, rows, perform)
    reset_and_wait(rows, job, attempts=3)
    # A later job shows that the claims before it have been dispatched.
    rows.insert()
    worker.wait_for_line("start")
    app.write("go", "")
    rows.wait_for_status([job], "succeeded", attempts=3)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert starts_and_ends(output)[:3] == ["start", "start", "end"]
    assert starts_and_ends(output).count("start") == 3
    assert "claimed again while it runs" in output


def test_row_that_is_reset_while_it_runs_is_released_at_shutdown_once_that_has_ended(
    app: Application, rows: Rows
) -> None:
    worker, job = start_job_and_reset_it(app, rows, PERFORM)
    rows.insert()
    worker.wait_for_line("start")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("shutting down")
    assert rows.get(job).status == "job_status_running"
    app.write("go", "")
    output = worker.wait_for_exit()
    assert starts_and_ends(output).count("start") == 2
    assert rows.get(job).status == "job_status_retry"
    assert rows.get(job).attempts_count == 1


def test_cancelled_row_that_was_reset_while_it_ran_does_not_run_again(
    app: Application, rows: Rows
) -> None:
    worker, job = start_job_and_reset_it(app, rows, PERFORM)
    rows.insert()
    worker.wait_for_line("start")
    app.start("manage-jobs", "cancel", "Probe", str(job)).wait_for_exit()
    wait_for(lambda: rows.get(job).status == "job_status_failed", "the job is cancelled")
    app.write("go", "")
    worker.send_signal(signal.SIGTERM)
    assert starts_and_ends(worker.wait_for_exit()).count("start") == 2


@pytest.mark.parametrize(
    "locked_at", ["NULL", "NOW() - INTERVAL '1 year'", "NOW() + INTERVAL '1 year'"]
)
def test_row_whose_locked_at_is_changed_while_it_runs_is_retried_after_that(
    app: Application, rows: Rows, locked_at: str
) -> None:
    app.write_job(PERFORM)
    worker = app.run_jobs("--poll", "0.1")
    [job] = rows.insert()
    worker.wait_for_line("start")
    change = f"UPDATE probe_jobs SET locked_at = {locked_at} WHERE id = %s"  # noqa: S608 -- the test's own text
    rows.conn.execute(change.encode(), (job,))
    app.write("go", "")
    rows.wait_for_status([job], "retry", attempts=1)
    rows.wait_for_status([job], "succeeded", attempts=2)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert starts_and_ends(output) == ["start", "end"] * 2
    assert "locked_at or locked_by was changed while it ran" in output
