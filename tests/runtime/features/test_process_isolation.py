"""`isolation = "process"`: jobs run in child processes, which can be ended."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from pathlib import Path

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.application import SHORT_LEASE, Application, branches
from tests.support.process import BIN, Process
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import wait_for

PROCESS = 'isolation = "process"\nmax_attempts = 1\n'


def is_gone(pid: int) -> bool:
    """Return whether the process is gone, or a zombie that is not reaped yet."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def wait_until_gone(pid: int) -> None:
    """Wait until the process is gone."""
    wait_for(lambda: is_gone(pid), f"process {pid} is gone")


def read_number(process: Process, word: str) -> int:
    """Wait for a line of the output that begins with the word, and return the number after it."""
    return int(process.wait_for_line(f"{word} ").split()[-1])


def stop(process: Process, number: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(number)
    process.wait_for_exit()


def test_child_process_gets_the_record_and_its_log_records_reach_the_worker(
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
                logging.exception("caught")
        """,
        options=PROCESS + "max_concurrency = 1\n",
    )
    jobs = rows.insert("hello", n=3)
    worker = app.start("run-jobs", "--drain")
    output = worker.wait_for_exit()
    rows.wait_for_status(jobs, "succeeded")
    pids = {line.split()[1] for line in output.splitlines() if line.startswith("printed")}
    assert len(pids) == 1, "one process runs one job after another"
    assert pids != {str(worker.process.pid)}
    assert f"WARNING [Probe {jobs[0]} attempt 1] logged {{'in': 'detail'}}" in output
    assert output.count("ZeroDivisionError: division by zero") == 3
    wait_until_gone(int(pids.pop()))


CRASHES = {
    "a fault": ("import ctypes; ctypes.string_at(0)", "killed by signal 11 (SIGSEGV)"),
    "an exit at once": ("os._exit(7)", "exited with code 7"),
    "a kill": ("os.kill(os.getpid(), signal.SIGKILL)", "when it runs out of memory"),
    "an exit": ("sys.exit(3)", "SystemExit: 3"),
    "an error": ("raise ValueError('x\\x00' * 9)", "ValueError: x\\x00"),
}


def test_crash_of_a_child_process_fails_only_its_job(app: Application, rows: Rows) -> None:
    crashes = branches({name: crash for name, (crash, _) in CRASHES.items()})
    app.write_job(
        f"def perform(self, job):\n{textwrap.indent(crashes, '    ')}",
        options=PROCESS + "max_concurrency = 2\n",
    )
    app.run_jobs()
    for name, (_, error) in CRASHES.items():
        good, [bad] = rows.insert(n=3), rows.insert(name)
        rows.wait_for_status([bad], "failed")
        rows.wait_for_status(good, "succeeded")
        assert error in rows.get(bad).last_error
    rows.wait_for_status(rows.insert(n=3), "succeeded")


def test_timeout_terminates_the_child_process_and_last_error_says_where_it_was(
    app: Application, rows: Rows
) -> None:
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
        options=PROCESS + "timeout = timedelta(seconds=2)\n",
    )
    worker = app.run_jobs()
    [job] = rows.insert()
    grandchild, child = read_number(worker, "grandchild"), read_number(worker, "cleaned up")
    rows.wait_for_status([job], "timed_out")
    assert "timeout of 2 s" in rows.get(job).last_error
    assert "time.sleep(600)" in rows.get(job).last_error
    wait_until_gone(child)
    wait_until_gone(grandchild)


def test_child_process_that_ignores_sigterm_is_killed(app: Application, rows: Rows) -> None:
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
        options=PROCESS + "timeout = timedelta(seconds=1)\n",
    )
    worker = app.run_jobs()
    [job] = rows.insert()
    child = read_number(worker, "pid")
    rows.wait_for_status([job], "timed_out")
    wait_until_gone(child)
    assert "so the worker killed it" in rows.get(job).last_error


def test_signal_to_the_process_group_of_the_worker_does_not_reach_the_job(
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
    child = read_number(worker, "pid")
    os.killpg(worker.process.pid, signal.SIGTERM)
    worker.wait_for_line("shutting down: ")
    app.write("go", "")
    rows.wait_for_status([job], "succeeded", attempts=1)
    worker.wait_for_exit()
    wait_until_gone(child)


def test_job_that_outlasts_the_grace_is_terminated_and_released(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        "def perform(self, job):\n    print('pid', os.getpid())\n    time.sleep(600)",
        options=PROCESS,
    )
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert()
    child = read_number(worker, "pid")
    stop(worker)
    row = rows.get(job)
    assert (row.status, row.attempts_count) == ("job_status_not_started", 0)
    wait_until_gone(child)


@pytest.mark.parametrize("held", ["time.sleep(600)", "ctypes.PyDLL(None).sleep(600)"])
def test_child_process_ends_when_its_worker_is_killed(
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
    child = read_number(worker, "pid")
    worker.send_signal(signal.SIGKILL)
    wait_until_gone(child)


def test_child_process_of_a_stopped_worker_ends_before_another_worker_takes_the_job(
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
    first = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert()
    child = read_number(first, "pid")
    second = app.run_jobs(*SHORT_LEASE)
    first.send_signal(signal.SIGSTOP)
    read_number(second, "pid")
    assert is_gone(child)
    rows.wait_for_status([job], "succeeded", attempts=2)
    first.send_signal(signal.SIGCONT)
    first.wait_for_line("registering again")
    assert rows.get(job).status == "job_status_succeeded"


def test_transaction_in_a_child_process_commits_with_the_success(
    app: Application, rows: Rows
) -> None:
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


def test_answer_for_another_attempt_is_dropped(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            import gc
            from jobgen_runtime.contract.outcomes import Succeeded
            from jobgen_runtime.executor.child import _Child
            from jobgen_runtime.executor.messages import Ended
            [child] = [found for found in gc.get_objects() if isinstance(found, _Child)]
            child.send(Ended(0, Succeeded(), committed=False))
            raise ValueError("the attempt's own end")
        """,
        options=PROCESS + "max_concurrency = 1\n",
    )
    jobs = rows.insert(n=3)
    app.run_jobs()
    rows.wait_for_status(jobs, "failed")
    assert all("the attempt's own end" in rows.get(job).last_error for job in jobs)


def test_timer_and_handler_that_a_job_leaves_behind_disturb_no_later_attempt(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            if job.what == "leave":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.setitimer(signal.ITIMER_REAL, 0.5)
            elif job.what == "long":
                time.sleep(1)
            else:
                print("pid", os.getpid())
                time.sleep(600)
        """,
        options=PROCESS + "max_concurrency = 1\n",
    )
    jobs = rows.insert("leave") + rows.insert("long")
    worker = app.run_jobs("--grace", "0.1")
    rows.wait_for_status(jobs, "succeeded")
    [job] = rows.insert()
    read_number(worker, "pid")
    worker.send_signal(signal.SIGTERM)
    assert "still running" not in worker.wait_for_exit()
    assert rows.get(job).status == "job_status_not_started"


def test_job_with_an_invalid_isolation_is_refused() -> None:
    with pytest.raises(InvalidJob, match='isolation must be None or "process"'):

        class Elsewhere(Job[ProbeJob]):
            isolation = "moon"  # type: ignore[assignment]  # what the check is for

            def perform(self, job: ProbeJob) -> None:
                """Do nothing."""

    with pytest.raises(InvalidJob, match="requires a synchronous perform"):

        class Async(Job[ProbeJob]):
            isolation = "process"

            async def perform(self, job: ProbeJob) -> None:
                """Do nothing."""


TAKES_EXIT_CODES = {
    "ignores SIGCHLD": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "waits for any child": """
        def reap():
            while True:
                try:
                    os.wait()
                except ChildProcessError:
                    time.sleep(0.001)

        threading.Thread(target=reap, daemon=True).start()
    """,
}


@pytest.mark.parametrize("code", TAKES_EXIT_CODES)
def test_slot_of_a_process_is_freed_although_other_code_takes_its_exit_code(
    app: Application, rows: Rows, code: str
) -> None:
    main = (app.root / "WorkerMain.py").read_text()
    head = "import os, signal, threading, time\n"
    (app.root / "WorkerMain.py").write_text(
        head + textwrap.dedent(TAKES_EXIT_CODES[code]) + "\n" + main
    )
    app.write_job(
        """
        def perform(self, job):
            if job.what == "die":
                os._exit(3)
        """,
        options="isolation = 'process'\nmax_concurrency = 1\nmax_attempts = 1\n",
    )
    died = rows.insert("die", n=3)
    jobs = rows.insert(n=2)
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.wait_for_status(died, "failed", attempts=1)
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    assert "Exception in thread" not in output
    for job in died:
        assert "before perform returned" in rows.get(job).last_error
