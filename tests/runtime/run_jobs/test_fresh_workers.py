"""`--max-jobs` and `--max-rss`: processes that make way for fresh ones."""

from __future__ import annotations

import signal

from tests.support.application import Application
from tests.support.rows import Rows

PRINT_PID = """
def perform(self, job):
    if job.what == "wait":
        print("waits", flush=True)
        while not os.path.exists("go"):
            time.sleep(0.01)
    print(f"runs in {os.getpid()}\\n", end="", flush=True)
"""


def test_worker_exits_with_0_after_its_jobs_and_lets_running_ones_end(
    app: Application, rows: Rows
) -> None:
    app.write_job(PRINT_PID)
    worker = app.run_jobs("--max-jobs", "3")
    [waiting] = rows.insert("wait")
    worker.wait_for_line("waits")
    rows.wait_for_status(rows.insert(n=3), "succeeded")
    worker.wait_for_line("3 jobs have run (--max-jobs): shutting down for a fresh process")
    worker.wait_for_line("for 1 running job")
    app.write("go", "")
    worker.wait_for_exit(0)
    rows.wait_for_status([waiting], "succeeded")
    assert rows.get(waiting).attempts_count == 1


def test_supervisor_starts_a_fresh_process_without_counting_a_crash(
    app: Application, rows: Rows
) -> None:
    app.write_job(PRINT_PID, options="max_concurrency = 1\n")
    jobs = rows.insert(n=6)
    worker = app.start("run-jobs", "--processes", "2", "--max-jobs", "1", "--poll", "1")
    rows.wait_for_status(jobs, "succeeded")
    # A process that is asked to shut down does not make way any more.
    worker.wait_for_start("has made way: starting a fresh one", times=3)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit(0)
    # The next job may have begun before its process makes way.
    assert len({line for line in output.splitlines() if line.startswith("runs in ")}) >= 3
    assert "restarting it" not in output
