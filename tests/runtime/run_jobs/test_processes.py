"""`run-jobs --processes N`: several processes under one supervisor."""

from __future__ import annotations

import os
import signal

import pytest
from jobgen_runtime.supervisor.restarts import MAX_RESTARTS

from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.sleeping_workers import wait_until_asleep
from tests.support.waiting import wait_for

PRINT_PID_AND_WAIT = """
async def perform(self, job):
    # In one piece: two processes write to the same pipe.
    print(f"runs in {os.getpid()}\\n", end="", flush=True)
    while job.what == "wait" and not os.path.exists("go"):
        await asyncio.sleep(0.01)
"""


def start(app: Application, *options: str, processes: int = 2) -> Process:
    """Start a supervisor, and wait until all its processes are ready."""
    worker = app.start("run-jobs", "--processes", str(processes), *options)
    worker.wait_for_start("ready", times=processes)
    return worker


def pids(rows: Rows) -> list[int]:
    return [pid for (pid,) in rows.conn.execute("SELECT pid FROM job_workers ORDER BY pid")]


def wait_for_no_worker(rows: Rows) -> None:
    wait_for(lambda: not pids(rows), "no worker is registered")


def test_all_processes_run_jobs_and_shut_down_with_the_supervisor(
    app: Application, rows: Rows
) -> None:
    app.write_job(PRINT_PID_AND_WAIT, options="max_concurrency = 1\n")
    worker = start(app)
    connections = rows.conn.execute(
        "SELECT application_name, count(*)::int FROM pg_stat_activity"
        " WHERE application_name LIKE 'run-jobs%' AND datname = current_database() GROUP BY 1"
    )
    # The supervisor has no connection.
    assert set(connections.fetchall()) == {
        ("run-jobs work", 2),
        ("run-jobs write", 2),
        ("run-jobs heartbeat", 2),
    }
    children = pids(rows)
    waiting = rows.insert("wait", n=2)
    worker.wait_for_line("runs in", times=2)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("1 running", times=2)
    app.write("go", "")
    output = worker.wait_for_exit()
    assert sorted(int(x.split()[-1]) for x in worker.lines if x.startswith("runs")) == children
    assert "process 1: ready" in output
    assert "process 2: ready" in output
    rows.wait_for_status(waiting, "succeeded")
    assert pids(rows) == []


def test_process_that_exits_is_restarted(app: Application, rows: Rows) -> None:
    worker = start(app)
    dead, alive = pids(rows)
    os.kill(dead, signal.SIGKILL)
    worker.wait_for_line("was killed by SIGKILL: restarting it")
    worker.wait_for_line("ready")
    # A process that exits with 0 without a request is restarted too.
    os.kill(alive, signal.SIGTERM)
    worker.wait_for_line("exited with code 0: restarting it")
    worker.wait_for_line("ready")
    rows.wait_for_status(rows.insert(n=20), "succeeded")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_process_that_keeps_crashing_shuts_all_down_with_1(app: Application, rows: Rows) -> None:
    app.write_job("async def perform(self, job): pass")
    module = app.root / "Web/Job/Probe.py"
    module.write_text(module.read_text() + "\nif os.path.exists('broken'): os._exit(9)\n")
    worker = start(app)
    app.write("broken", "")
    os.kill(pids(rows)[0], signal.SIGKILL)
    output = worker.wait_for_exit(1)
    assert "too often within 60 s, now it exited with code 9: shutting down" in output
    assert output.count("restarting it") == MAX_RESTARTS
    # The other process has shut down gracefully.
    assert "shut down" in output.splitlines()[-1]


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_to_the_supervisor_ends_the_grace_period(
    app: Application, rows: Rows, first: signal.Signals
) -> None:
    app.write_job(PRINT_PID_AND_WAIT)
    worker = start(app, "--grace", "600")
    [job] = rows.insert("wait")
    worker.wait_for_line("runs in")
    worker.send_signal(first)
    worker.wait_for_line("1 running")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    assert rows.get(job).attempts_count == 0


def test_signal_to_supervisor_and_processes_counts_once(app: Application, rows: Rows) -> None:
    app.write_job(PRINT_PID_AND_WAIT)
    worker = start(app)
    [job] = rows.insert("wait")
    worker.wait_for_line("runs in")
    # As Ctrl-C in a terminal and service managers do.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        for pid in pids(rows):
            os.kill(pid, number)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("1 running")
    app.write("go", "")
    worker.wait_for_exit()
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_processes_shut_down_gracefully_when_their_supervisor_is_killed(
    app: Application, rows: Rows
) -> None:
    app.write_job(PRINT_PID_AND_WAIT)
    worker = start(app)
    [job] = rows.insert("wait")
    worker.wait_for_line("runs in")
    worker.send_signal(signal.SIGKILL)
    worker.wait_for_line("the supervisor of this process is gone", times=2)
    [later] = rows.insert()
    app.write("go", "")
    rows.wait_for_status([job], "succeeded", attempts=1)
    wait_for_no_worker(rows)
    assert rows.get(later).status == "job_status_not_started"


INSERT_AFTER_LAST_LOG_LINE = """
import gc, logging, os, select
from pathlib import Path

import psycopg
from Web.Job.Probe import Probe

workers = [Probe]


class InsertAfterLastLogLine(logging.Handler):
    def emit(self, record):
        if "{line}" not in record.getMessage():
            return
        Path(f"logged-{{os.getpid()}}").touch()
        if len(list(Path().glob("logged-*"))) == {processes}:
            with psycopg.connect(os.environ["DATABASE_URL"]) as conn:
                conn.execute("INSERT INTO probe_jobs DEFAULT VALUES")
            # Until the notification has arrived, which the event loop reads next.
            connections = [x for x in gc.get_objects() if type(x) is psycopg.AsyncConnection]
            select.select([conn for conn in connections if not conn.closed], [], [], 10)


logging.getLogger("jobgen").addHandler(InsertAfterLastLogLine())
"""
"""Insert a job at the moment when the last process logs a line, before it does anything else.

Two processes that are the last at once insert a job each.
"""


@pytest.mark.parametrize(
    ("processes", "number", "line"),
    [
        (1, signal.SIGTERM, "shutdown requested"),
        (2, signal.SIGKILL, "the supervisor of this process is gone"),
    ],
    ids=["SIGTERM", "supervisor killed"],
)
def test_worker_claims_nothing_after_it_has_logged_its_shutdown(
    app: Application, rows: Rows, processes: int, number: signal.Signals, line: str
) -> None:
    app.write("WorkerMain.py", INSERT_AFTER_LAST_LOG_LINE.format(line=line, processes=processes))
    worker = start(app, "--poll", "600", "--loop", "asyncio", processes=processes)
    wait_until_asleep(rows.conn, processes)
    worker.send_signal(number)
    wait_for_no_worker(rows)
    jobs = [job for (job,) in rows.conn.execute("SELECT id FROM probe_jobs")]
    assert jobs
    assert [rows.changes(job) for job in jobs] == [[] for _ in jobs]


def test_drain_exits_once_all_processes_have_drained(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job):\n    assert job.what != 'fail'", options="max_attempts = 1\n"
    )
    jobs = rows.insert(n=200)
    app.start("run-jobs", "--processes", "2", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded")
    rows.insert("fail")
    app.start("run-jobs", "--processes", "2", "--drain").wait_for_exit(1)


def test_start_refused_by_the_first_process_is_logged_once(app: Application, rows: Rows) -> None:
    rows.conn.execute("DROP TABLE probe_jobs")
    output = app.start("run-jobs", "--processes", "4").wait_for_exit(1)
    assert output.count("no table probe_jobs") == 1
    assert "process 2" not in output
