"""The commands of `manage-jobs`: what they do, and what they print."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.support.application import Application
from tests.support.refusals import refuse
from tests.support.rows import Rows


def manage(app: Application, *arguments: object, code: int = 0) -> list[str]:
    """Run the command, which must exit with `code`, and return the lines of its output."""
    return app.start("manage-jobs", *map(str, arguments)).wait_for_exit(code).splitlines()


def test_cancel_reports_the_outcome_of_each_job(app: Application, rows: Rows) -> None:
    first, second, ended = rows.insert(n=3)
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_succeeded' WHERE id = %s", (ended,)
    )
    gone = uuid4()
    lines = manage(app, "cancel", "Probe", first, gone, ended, second, code=1)
    assert sorted(lines) == sorted(
        [
            f"Probe {first}: cancelled",
            f"manage-jobs: probe_jobs has no job {gone}.",
            f"manage-jobs: The job {ended} of probe_jobs has ended.",
            f"Probe {second}: cancelled",
        ]
    )
    rows.wait_for_status([first, second], "failed", attempts=0)


@pytest.mark.parametrize(
    ("perform", "options", "reported"),
    [
        (
            "async def perform(self, job):\n    await asyncio.sleep(600)",
            "",
            "running; its worker was asked to cancel it",
        ),
        (
            "def perform(self, job):\n    time.sleep(600)",
            "isolation = 'process'\n",
            "running; its worker was asked to cancel it",
        ),
        (
            """
            def perform(self, job):
                while not os.path.exists("go"):
                    time.sleep(0.01)
                raise ValueError
            """,
            "",
            "running in a thread, which cannot be interrupted; it will not be retried",
        ),
    ],
    ids=["async", "process", "thread"],
)
def test_cancel_of_a_running_job_reaches_its_worker(
    app: Application, rows: Rows, perform: str, options: str, reported: str
) -> None:
    app.write_job(perform, options=options)
    worker = app.run_jobs("--poll", "600")
    [job] = rows.insert()
    rows.wait_for_status([job], "running")
    assert manage(app, "cancel", "probe_jobs", job) == [f"Probe {job}: {reported}"]
    if "in a thread" in reported:
        worker.wait_for_line("cancelled, but a thread cannot be interrupted")
        app.write("go", "")
    rows.wait_for_status([job], "failed", attempts=1)
    assert rows.get(job).last_error == "The job was cancelled."


def test_pause_and_resume_change_the_kind_and_its_status(app: Application, rows: Rows) -> None:
    rows.insert(n=3)
    assert manage(app, "pause", "ProbeJob") == ["Probe: paused; running jobs continue"]
    assert manage(app, "pause", "ProbeJob") == ["Probe: already paused"]
    assert "ran" not in app.start("run-jobs", "--drain").wait_for_exit()

    worker = app.run_jobs("--poll", "600")
    [paused_at] = rows.conn.execute("SELECT paused_at FROM job_pauses").fetchone() or [None]
    assert paused_at is not None
    since = paused_at.isoformat(" ", "seconds")
    [status] = manage(app, "status")
    assert status.startswith("Probe: 3 waiting, 0 running, 0 succeeded, ")
    assert status.endswith(f"1 worker, paused since {since}")

    assert manage(app, "resume", "Probe") == ["Probe: resumed"]
    worker.wait_for_line("ran ", times=3)
    rows.wait_for_status(
        [row for row, *_ in rows.conn.execute("SELECT id FROM probe_jobs")], "succeeded"
    )
    assert manage(app, "resume", "Probe") == ["Probe: was not paused"]
    assert manage(app, "status", "Probe") == [
        "Probe: 0 waiting, 0 running, 3 succeeded, 0 failed, 0 timed out, 1 worker"
    ]


def test_retry_starts_a_job_over_or_names_the_unique_index(app: Application, rows: Rows) -> None:
    rows.conn.execute(
        "CREATE UNIQUE INDEX once ON probe_jobs (what) WHERE status = 'job_status_not_started'"
    )
    [job] = rows.insert("greet Ada")
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_failed', attempts_count = 10")
    [duplicate] = rows.insert("greet Ada")
    output = "\n".join(manage(app, "retry", "Probe", job, code=1))
    assert output.startswith(f"manage-jobs: The job {job} of probe_jobs cannot start over")
    assert "the unique index once allows one such job, and there is another" in output
    assert "Key (what)=(greet Ada) already exists." in output
    manage(app, "cancel", "Probe", duplicate)
    assert manage(app, "retry", "Probe", job) == [
        f"Probe {job}: starts over, with all its attempts"
    ]
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_unknown_names_and_invalid_arguments_exit_with_2(app: Application) -> None:
    [first, *_] = manage(app, "pause", "Prob", code=2)
    assert first == "manage-jobs: There is no job called Prob. Did you mean Web.Probe?"
    for arguments, what in ((("cancel", "Probe", "7"), "invalid UUID value: '7'"), ((), "COMMAND")):
        [reason, hint] = manage(app, *arguments, code=2)
        assert what in reason
        assert "--help" in hint


def test_missing_runtime_table_and_unreachable_server_are_reported(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("DROP TABLE job_pauses")
    [what, hint] = manage(app, "pause", "Probe", code=1)
    assert what.endswith('not set up for this project: relation "job_pauses" does not exist.')
    assert hint == "Run `jobgen migrate`."
    app.env["DATABASE_URL"] = "postgresql://localhost:1/nowhere"
    [first, *_] = manage(app, "status", code=1)
    assert first.startswith("manage-jobs: The database does not answer")


def test_status_lists_refused_jobs_with_their_reasons(app: Application, rows: Rows) -> None:
    jobs = rows.insert(n=7)
    assert "refused" not in "".join(manage(app, "status"))
    refuse(rows, jobs, "running", 'violates check constraint "positive"')
    lines = manage(app, "status")
    assert lines[0].startswith("Probe: 7 waiting, 0 running, ")
    assert lines[1].startswith("  7 refused by the database since ")
    assert lines[2] == f'    {jobs[0]} cannot start: violates check constraint "positive"'
    assert lines[-1] == "    and 2 more"


def test_refused_job_that_has_ended_can_be_cancelled_and_retried(
    app: Application, rows: Rows
) -> None:
    """No worker runs it any more, although the row could not be changed from running."""
    cancelled, retried, running = rows.insert(n=3)
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_at = now(), locked_by = id"
    )
    refuse(rows, [cancelled, retried, running], "failed", "a trigger raised")
    # Claimed again since the refusal.
    rows.conn.execute(
        "UPDATE probe_jobs SET locked_at = now() + INTERVAL '1 s' WHERE id = %s", (running,)
    )
    assert manage(app, "cancel", "Probe", cancelled) == [f"Probe {cancelled}: cancelled"]
    assert manage(app, "retry", "Probe", retried) == [
        f"Probe {retried}: starts over, with all its attempts"
    ]
    assert "is running" in "".join(manage(app, "retry", "Probe", running, code=1))
    status = [rows.get(job).status for job in (cancelled, retried, running)]
    assert status == ["job_status_failed", "job_status_not_started", "job_status_running"]


def test_order_that_the_table_refuses_leaves_the_other_jobs_alone(
    app: Application, rows: Rows
) -> None:
    bad, good = rows.insert("bad"), rows.insert("good")
    rows.conn.execute(
        "ALTER TABLE probe_jobs ADD CONSTRAINT no_bad CHECK (what <> 'bad') NOT VALID"
    )
    lines = manage(app, "cancel", "Probe", *bad, *good, code=1)
    assert any(
        line.startswith(f"manage-jobs: The database refuses this for Probe {bad[0]}: new row")
        for line in lines
    )
    assert f"Probe {good[0]}: cancelled" in lines


def test_order_that_a_trigger_suppresses_is_reported(app: Application, rows: Rows) -> None:
    [job] = rows.insert()
    rows.conn.execute(
        "CREATE FUNCTION suppress() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    )
    rows.conn.execute(
        "CREATE TRIGGER suppress BEFORE UPDATE ON probe_jobs FOR EACH ROW"
        " EXECUTE FUNCTION suppress()"
    )
    for command in ("cancel", "retry"):
        [line] = manage(app, command, "Probe", job, code=1)
        assert line.startswith(f"manage-jobs: The job {job} of probe_jobs was not changed")


def test_job_with_an_unknown_status_can_be_retried_but_not_cancelled(
    app: Application, rows: Rows
) -> None:
    [job] = rows.insert()
    rows.conn.execute("ALTER TYPE job_status ADD VALUE 'job_status_archived'")
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_archived'")
    assert "has ended" in "".join(manage(app, "cancel", "Probe", job, code=1))
    assert "starts over" in "".join(manage(app, "retry", "Probe", job))
    assert rows.get(job).status == "job_status_not_started"


def test_status_gives_up_counting_jobs_of_a_slow_table(app: Application, rows: Rows) -> None:
    rows.insert()
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO probes")
    rows.conn.execute(
        "CREATE VIEW probe_jobs AS SELECT * FROM probes WHERE pg_sleep(600) IS NOT NULL"
    )
    [line] = manage(app, "status", "Probe")
    assert line.startswith("Probe: its jobs cannot be counted within 5 s")
