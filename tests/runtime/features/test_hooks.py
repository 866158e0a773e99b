"""Hooks of a project, around the jobs of real workers."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.other_kind import attempts_of_other, insert_other
from tests.support.rows import Rows

AROUND = """
from contextlib import contextmanager
from contextvars import ContextVar
from jobgen_runtime import Hook, current_attempt


@contextmanager
def trace(job):
    attempt = current_attempt()
    assert attempt.id == job.id and attempt.queue_delay.total_seconds() >= 0
    print("begins", attempt.kind, attempt.attempt, flush=True)
    try:
        yield
    except BaseException as error:
        print("raised", type(error).__name__, flush=True)
        raise
    print("ends", attempt.kind, flush=True)


around: list[Hook] = [trace]
"""
PERFORM = """
def around(self, job, call_next):
    print("class", os.getpid() == int(os.environ["WORKER"]), flush=True)
    call_next()

def perform(self, job):
    if job.what == "fails":
        raise ValueError("from perform")
    print("performed", flush=True)
"""


def test_hooks_run_on_the_loop_and_in_the_process_where_the_job_runs(
    two_kinds: Application, rows: Rows
) -> None:
    two_kinds.write_job(
        PERFORM, options="isolation = 'process'\nmax_attempts = 1\nmax_concurrency = 1\n"
    )
    main = two_kinds.root / "WorkerMain.py"
    main.write_text(main.read_text() + AROUND)
    # Not set again in the process of the job, which imports this module, too.
    two_kinds.write("settings.py", "import os\nos.environ.setdefault('WORKER', str(os.getpid()))\n")
    two_kinds.write("pyproject.toml", "[tool.jobgen]\nsetup = 'settings'\n")
    other = insert_other(rows)
    jobs = rows.insert() + rows.insert("fails")
    log = two_kinds.start("run-jobs", "--drain").wait_for_exit(1).splitlines()
    assert attempts_of_other(rows, other) == 1
    assert [rows.get(job).status for job in jobs] == ["job_status_succeeded", "job_status_failed"]
    assert rows.get(jobs[1]).last_error.endswith("ValueError: from perform")
    printed = [line for line in log if line.startswith(("begins", "class", "perf", "rais", "ends"))]
    others = ["begins Other 1", "ends Other"]
    assert [line for line in printed if line in others] == others
    assert [line for line in printed if line not in others] == [
        "begins Probe 1",
        "class False",
        "performed",
        "ends Probe",
        "begins Probe 1",
        "class False",
        "raised ValueError",
    ]


def test_worker_does_not_start_with_a_hook_that_cannot_serve_a_job(app: Application) -> None:
    main = app.root / "WorkerMain.py"
    main.write_text(
        main.read_text() + "def trace(job, call_next):\n    call_next()\n\naround = [trace]\n"
    )
    for options in ((), ("--check",)):
        output = app.start("run-jobs", *options).wait_for_exit(1)
        assert (
            "The hook WorkerMain.trace is synchronous, so it cannot wait for Probe.perform"
            in output
        )
        assert "@contextlib.contextmanager" in output
        assert "Traceback" not in output


IN_A_TRANSACTION = """
def around(self, job, call_next):
    with job.transaction_sync() as conn:
        lent.set(conn)
        call_next()

def perform(self, job):
    from Generated.Types import Band
    Band.create_sync(lent.get(), name=job.what)
    if job.what == "fails":
        raise ValueError("from perform")
"""


def test_hook_commits_what_perform_writes_together_with_its_success(
    app: Application, rows: Rows
) -> None:
    app.write_job(IN_A_TRANSACTION, options="max_attempts = 1\n")
    module = app.root / "Web/Job/Probe.py"
    lent = "from contextvars import ContextVar\n\nlent = ContextVar('lent')\n"
    module.write_text(lent + module.read_text())
    jobs = [*rows.insert("works"), *rows.insert("fails")]
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert [rows.get(job).status for job in jobs] == ["job_status_succeeded", "job_status_failed"]
    assert rows.conn.execute("SELECT name FROM bands").fetchall() == [("works",)]


FORKING = """
DEFINE around(self, job, call_next):
    AWAITcall_next()
    print("left in", os.getpid(), flush=True)

DEFINE perform(self, job):
    child = os.fork()
    if not child:
        return
    os.waitpid(child, 0)
    print("forked in", os.getpid(), flush=True)
"""


@pytest.mark.parametrize(("define", "await_"), [("async def", "await "), ("def", "")])
def test_process_that_a_job_forks_does_not_run_the_rest_of_its_hooks(
    app: Application, rows: Rows, define: str, await_: str
) -> None:
    app.write_job(FORKING.replace("DEFINE", define).replace("AWAIT", await_))
    rows.insert()
    log = app.start("run-jobs", "--drain").wait_for_exit().splitlines()
    [forked] = [line.split()[-1] for line in log if line.startswith("forked in")]
    assert [line for line in log if line.startswith("left in")] == [f"left in {forked}"]
