"""`isolation = "process"`: what is run there is really ended, and takes nothing with it."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract import InvalidJob

from tests.support.application import Application
from tests.support.process import BIN, Process
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT

PROCESS = 'isolation = "process"\nmax_attempts = 1\n'


def ended(pid: int) -> bool:
    """Whether the process is gone, or a zombie that nobody has reaped yet."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def gone(pid: int) -> None:
    """Waits for the process's end."""
    deadline = time.monotonic() + TIMEOUT
    while not ended(pid):
        assert time.monotonic() < deadline, f"process {pid} lives on"
        time.sleep(0.02)


def number(process: Process, word: str) -> int:
    """What stands after the word in the line of the output that begins with it."""
    process.wait_for_line(f"{word} ")
    return int(process.lines[-1].split()[-1])


def end(process: Process, number: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(number)
    process.wait_for_exit()


def test_it_runs_elsewhere_with_its_record_and_what_it_says_arrives(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            import logging
            from jobgen_runtime import JobStatus
            assert (job.what, job.attempts_count, job.status) == ("hello", 1, JobStatus.RUNNING)
            print("printed", os.getpid())
            logging.getLogger("shop").warning("logged %s", {"in": "detail"})
            try:
                1 / 0
            except ZeroDivisionError:
                logging.exception("not so bad")
        """,
        options=PROCESS + "max_concurrency = 1\n",
    )
    jobs = rows.insert("hello", n=3)
    worker = app.start("run-jobs", "--drain")
    output = worker.wait_for_exit()
    rows.wait_for_status(jobs, "succeeded")
    pids = {line.split()[1] for line in output.splitlines() if line.startswith("printed")}
    assert len(pids) == 1, "one process serves one job after another"
    assert pids != {str(worker.process.pid)}
    assert f"WARNING [Probe {jobs[0]} attempt 1] logged {{'in': 'detail'}}" in output
    assert output.count("ZeroDivisionError: division by zero") == 3
    gone(int(pids.pop()))


@pytest.mark.parametrize(
    ("crash", "error"),
    [
        ("import ctypes; ctypes.string_at(0)", "ended by signal 11 (SIGSEGV)"),
        ("os._exit(7)", "ended with exit code 7"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "when memory runs out"),
        ("sys.exit(3)", "SystemExit: 3"),
        ("raise ValueError('x\\x00' * 9)", "ValueError: x\\x00"),
    ],
)
def test_a_crash_fails_that_job_alone(app: Application, rows: Rows, crash: str, error: str) -> None:
    app.write_job(
        f"""
        def perform(self, job):
            if job.what == "crash":
                {crash}
        """,
        options=PROCESS,
    )
    app.run_jobs()
    good, [bad] = rows.insert(n=5), rows.insert("crash")
    rows.wait_for_status([bad], "failed")
    rows.wait_for_status(good, "succeeded")
    rows.wait_for_status(rows.insert(n=5), "succeeded")
    assert error in rows.get(bad).last_error


def test_a_timeout_ends_the_work_and_says_where_it_was(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            import subprocess
            print("grandchild", subprocess.Popen(["sleep", "600"]).pid)
            try:
                time.sleep(600)
            finally:
                print("cleaned up", os.getpid())
        """,
        options=PROCESS + "timeout = timedelta(seconds=0.2)\n",
    )
    worker = app.run_jobs()
    [job] = rows.insert()
    grandchild, child = number(worker, "grandchild"), number(worker, "cleaned up")
    rows.wait_for_status([job], "timed_out")
    assert "timeout of 0:00:00.2" in rows.get(job).last_error
    assert "time.sleep(600)" in rows.get(job).last_error
    gone(child)
    gone(grandchild)


def test_work_that_ignores_its_end_is_killed(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            print("pid", os.getpid())
            while True:
                try:
                    time.sleep(600)
                except BaseException:
                    pass
        """,
        options=PROCESS + "timeout = timedelta(seconds=0.1)\n",
    )
    worker = app.run_jobs()
    [job] = rows.insert()
    child = number(worker, "pid")
    rows.wait_for_status([job], "timed_out")
    gone(child)
    assert "signal 9 (SIGKILL)" in rows.get(job).last_error


def test_a_signal_to_the_workers_group_leaves_the_job_its_grace(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            print("pid", os.getpid())
            while not os.path.exists("go"):
                time.sleep(0.01)
        """,
        options=PROCESS,
    )
    leads_a_group = "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"
    worker = app.start(sys.executable, "-c", leads_a_group, str(BIN / "run-jobs"))
    worker.wait_for_line("ready")
    [job] = rows.insert()
    child = number(worker, "pid")
    os.killpg(worker.process.pid, signal.SIGTERM)
    worker.wait_for_line("shutting down: ")
    app.write("go", "")
    rows.wait_for_status([job], "succeeded", attempts=1)
    worker.wait_for_exit()
    gone(child)


def test_after_the_grace_it_is_ended_and_put_back(app: Application, rows: Rows) -> None:
    app.write_job(
        "def perform(self, job):\n    print('pid', os.getpid())\n    time.sleep(600)",
        options=PROCESS,
    )
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert()
    child = number(worker, "pid")
    end(worker)
    row = rows.get(job)
    assert (row.status, row.attempts_count) == ("job_status_not_started", 0)
    gone(child)


@pytest.mark.parametrize("held", ["time.sleep(600)", "ctypes.PyDLL(None).sleep(600)"])
def test_nothing_is_left_of_a_worker_that_was_killed(
    app: Application, rows: Rows, held: str
) -> None:
    app.write_job(
        f"""
        def perform(self, job):
            import ctypes
            print("pid", os.getpid())
            {held}
        """,
        options=PROCESS,
    )
    worker = app.run_jobs()
    rows.insert()
    child = number(worker, "pid")
    worker.send_signal(signal.SIGKILL)
    gone(child)


def test_a_worker_that_was_stopped_has_no_process_left_when_others_take_its_jobs(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            print("pid", os.getpid())
            if job.attempts_count == 1:
                time.sleep(600)
        """,
        options='isolation = "process"\n',
    )
    first = app.run_jobs()
    [job] = rows.insert()
    child = number(first, "pid")
    second = app.run_jobs()
    first.send_signal(signal.SIGSTOP)
    number(second, "pid")
    assert ended(child)
    rows.wait_for_status([job], "succeeded", attempts=2)
    first.send_signal(signal.SIGCONT)
    first.wait_for_line("registering again")
    assert rows.get(job).status == "job_status_succeeded"


def test_its_transaction_commits_with_its_success(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            from Generated.Types import Band
            with job.transaction_sync() as conn:
                Band.create_sync(conn, name="kept")
            os._exit(1) if job.what == "exit" else None
            raise ValueError("too late")
        """,
        options=PROCESS,
    )
    jobs = rows.insert() + rows.insert("exit")
    app.run_jobs()
    rows.wait_for_status(jobs, "succeeded")
    assert [row[0] for row in rows.conn.execute("SELECT name FROM bands")] == ["kept", "kept"]
    rows.wait_for_status(rows.insert(), "succeeded")
    assert all(rows.get(job).last_error is None for job in jobs)


def test_a_job_that_asks_for_what_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidJob, match='isolation must be None or "process"'):

        class Elsewhere(Job[ProbeJob]):
            isolation = "moon"  # type: ignore[assignment]  # what the check is for

            def perform(self, job: ProbeJob) -> None:
                """Nothing."""

    with pytest.raises(InvalidJob, match="write def perform, not async def"):

        class Async(Job[ProbeJob]):
            isolation = "process"

            async def perform(self, job: ProbeJob) -> None:
                """Nothing."""
