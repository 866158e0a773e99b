"""The requirements of a start of `run-jobs`, and its refusals."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from jobgen_runtime.database import SCHEMA_VERSION

from tests.support.application import Application
from tests.support.roles import use_worker_role
from tests.support.rows import Rows


def refusal(app: Application, *options: str) -> str:
    output = app.start("run-jobs", *options).wait_for_exit(1)
    assert "Traceback" not in output
    return output


def test_run_jobs_finds_a_project_with_a_src_layout_from_any_folder(
    app: Application, rows: Rows
) -> None:
    app.write("pyproject.toml", '[tool.jobgen]\nsource = "src"\npaths.main = "src/work/main.py"\n')
    for name in ("Generated", "Web"):
        (app.root / "src").mkdir(exist_ok=True)
        (app.root / name).rename(app.root / "src" / name)
    app.write("src/work/main.py", (app.root / "WorkerMain.py").read_text())
    [job] = rows.insert()
    app.start("run-jobs", "--drain", "-C", str(app.root), cwd=Path("/")).wait_for_exit()
    assert rows.get(job).status == "job_status_succeeded"
    rows.insert()
    assert "ran" in app.start("run-jobs", "--drain", cwd=app.root / "src/work").wait_for_exit()


def test_start_without_a_project_is_refused(app: Application, tmp_path: Path) -> None:
    assert "No project" in refusal(app, "-C", str(tmp_path))


def test_start_without_worker_main_or_jobs_is_refused(app: Application) -> None:
    app.write("WorkerMain.py", "workers = []\n")
    assert "lists no jobs" in refusal(app)
    (app.root / "WorkerMain.py").unlink()
    assert "has no WorkerMain.py" in refusal(app)


def test_error_in_the_users_code_is_shown_without_the_runtimes_frames(app: Application) -> None:
    app.write("WorkerMain.py", "from Web.Job.Missing import Missing\n")
    output = app.start("run-jobs").wait_for_exit(1)
    assert "No module named 'Web.Job.Missing'" in output
    assert "jobgen_runtime" not in output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("max_attempts = -1", "Probe.max_attempts must be an integer of 0 or more, not -1"),
        ("max_concurrency = 0", "Probe.max_concurrency must be an integer of 1 or more"),
        ("max_concurrency = True", "Probe.max_concurrency must be an integer"),
        ("timeout = 60", "Probe.timeout must be None or a timedelta above zero, not 60"),
        ("timeout = timedelta(0)", "Probe.timeout must be None or a timedelta above zero"),
        ("backoff = ConstantBackoff", "Probe.backoff must be ConstantBackoff(…)"),
        ("backoff = timedelta(1)", "Probe.backoff must be ConstantBackoff(…)"),
    ],
)
def test_start_with_an_invalid_job_option_is_refused(
    app: Application, options: str, message: str
) -> None:
    app.write_job("async def perform(self, job): pass", options=options + "\n")
    assert message in refusal(app)


def test_start_with_an_invalid_job_class_is_refused(app: Application) -> None:
    app.write_job("def perfrom(self, job): pass")
    assert "Probe has no perform" in refusal(app)
    app.write("Web/Job/Probe.py", "from jobgen_runtime import Job\nclass Probe(Job[int]): pass\n")
    assert "takes the record of a job table" in refusal(app)
    app.write_job("async def perform(self, job): pass")
    app.write(
        "WorkerMain.py",
        "from Web.Job.Probe import Probe\nworkers = [Probe, type('B', (Probe,), {})]\n",
    )
    assert "both run the jobs of probe_jobs" in refusal(app)
    app.write("WorkerMain.py", "workers = [3]\n")
    assert "must list job classes" in refusal(app)


def test_start_names_what_is_missing_in_the_database(app: Application, rows: Rows) -> None:
    rows.conn.execute("DROP TRIGGER probe_jobs_wake_on_update ON probe_jobs")
    rows.conn.execute("DROP INDEX probe_jobs_claim")
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert "no trigger that wakes workers on UPDATE" in output
    assert "no index on (run_at, id)" in output
    rows.conn.execute("ALTER TABLE probe_jobs DROP COLUMN moment")
    assert "has no column moment" in refusal(app)
    rows.conn.execute("DROP TABLE probe_jobs")
    assert "no table probe_jobs" in refusal(app)
    rows.conn.execute("UPDATE job_runtime_schema SET version = 0")
    assert f"needs version {SCHEMA_VERSION}" in refusal(app)
    rows.conn.execute("DROP TABLE job_runtime_schema")
    assert "is not in this database" in refusal(app)


def test_start_and_check_report_why_the_database_refuses_a_query(
    app: Application, rows: Rows, make_role: Callable[[], str]
) -> None:
    use_worker_role(app, rows, make_role)
    rows.conn.execute("REVOKE SELECT ON pg_catalog.pg_settings FROM PUBLIC")
    reason = "permission denied for view pg_settings"
    assert f"refuses what a worker asks it at its start: {reason}." in refusal(app)
    assert f"cannot be checked: {reason}" in refusal(app, "--check")


def test_start_accepts_a_newer_runtime_schema_and_additional_columns(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("UPDATE job_runtime_schema SET version = 99")
    rows.conn.execute("ALTER TABLE probe_jobs ADD COLUMN more TEXT")
    [job] = rows.insert()
    app.start("run-jobs", "--drain").wait_for_exit()
    assert rows.get(job).status == "job_status_succeeded"


def test_worker_waits_for_a_table_that_is_not_there_yet(app: Application, rows: Rows) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO later_jobs")
    assert "probe_jobs" in refusal(app)
    worker = app.start("run-jobs", "--wait-for-schema")
    assert "probe_jobs" in worker.wait_for_line("waiting for the schema")
    rows.conn.execute("ALTER TABLE later_jobs RENAME TO probe_jobs")
    worker.wait_for_line("ready: Probe")
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("waiting for the schema") == 1


def test_worker_that_waits_for_its_schema_can_be_shut_down(app: Application, rows: Rows) -> None:
    rows.conn.execute("DROP TABLE probe_jobs")
    worker = app.start("run-jobs", "--wait-for-schema")
    worker.wait_for_line("waiting for the schema")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit(0)
