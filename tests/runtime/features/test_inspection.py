"""SIGUSR1 and `manage-jobs inspect`: workers log what they run, and go on."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.support.application import Application
from tests.support.rows import Rows

ASYNC = """
async def perform(self, job):
    import threading
    asyncio.create_task(self.left_running())
    threading.Thread(target=self.run_in_thread, name="mine", daemon=True).start()
    print("began", flush=True)
    if job.what == "blocks":
        time.sleep(0.1)
        while not os.path.exists("go"):
            time.sleep(0.01)
    while not os.path.exists("go"):
        await self.wait_a_little()

async def wait_a_little(self):
    await asyncio.sleep(0.01)

async def left_running(self):
    await asyncio.sleep(600)

def run_in_thread(self):
    while not os.path.exists("go"):
        time.sleep(0.01)
"""
PROCESS = """
def perform(self, job):
    print("began", flush=True)
    while not os.path.exists("go"):
        time.sleep(0.01)
"""


def test_worker_logs_what_it_runs_at_each_request_and_goes_on(app: Application, rows: Rows) -> None:
    app.write_job(ASYNC)
    worker = app.run_jobs()
    [waits] = rows.insert("waits")
    worker.wait_for_line("began")
    lines = app.start("manage-jobs", "inspect").wait_for_exit(0).splitlines()
    assert f"process {worker.process.pid}, jobgen-runtime" in lines[0]
    assert lines[0].endswith(": 1 running job")
    assert lines[1].startswith(f"  Probe {waits} attempt 1, for ")
    assert lines[-1].startswith("Asked the workers to log where these jobs are.")
    worker.wait_for_line("inspection: 1 running job, 0 claimed and waiting for a slot")
    worker.wait_for_line(f"[Probe {waits} attempt 1] inspection: has run for ")
    worker.wait_for_line("in wait_a_little")
    worker.wait_for_line("inspection: other tasks:")
    worker.wait_for_line("in left_running")
    worker.wait_for_line("inspection: other threads:")
    worker.wait_for_line("  mine:")
    worker.wait_for_line("in run_in_thread")
    # A job that blocks the event loop is seen, too. Two requests at once are one.
    [blocks] = rows.insert("blocks")
    worker.wait_for_line("began")
    for _ in range(2):
        worker.send_signal(signal.SIGUSR1)
    worker.wait_for_line("inspection: 2 running jobs")
    worker.wait_for_line(f"[Probe {blocks} attempt 1] inspection: has ")
    worker.wait_for_line("in perform")
    app.write("go", "")
    rows.wait_for_status([waits, blocks], "succeeded")
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit(0)
    # Neither a job's own tasks and thread, nor those of the worker.
    assert "heartbeat:" not in output
    assert output.count("  mine:") <= 2 * output.count("inspection: other threads:")
    assert "/jobgen_runtime/" not in output


def test_signal_to_all_processes_of_a_service_ends_none_of_them(
    app: Application, rows: Rows
) -> None:
    app.write_job(PROCESS, options="isolation = 'process'\nmax_concurrency = 1\n")
    worker = app.start("run-jobs", "--processes", "2", "--poll", "1")
    worker.wait_for_line("ready", times=2)
    jobs = rows.insert(n=2)
    worker.wait_for_line("began", times=2)
    before = descendants(worker.process.pid)
    # The supervisor, its workers, their job processes and watchdogs.
    assert len(before) >= 6
    for pid in (worker.process.pid, *before):
        os.kill(pid, signal.SIGUSR1)
    # The workers log where their jobs are, and the processes of the jobs answer.
    worker.wait_for_lines(*["inspection: has run for ", "is in process "] * len(jobs))
    assert descendants(worker.process.pid) == before
    app.write("go", "")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    assert "restarting" not in worker.wait_for_exit(0)


def descendants(pid: int) -> set[int]:
    """Return the processes that a process has started, and those that these have."""
    parents: dict[int, int] = {}
    if Path("/proc/self/stat").exists():
        for file in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = file.read_text().rpartition(")")[2].split()
                parents[int(file.parent.name)] = int(fields[1])
    else:
        listed = subprocess.check_output(["ps", "-eo", "pid=,ppid="], text=True)
        numbers = [int(number) for number in listed.split()]
        parents = dict(zip(numbers[::2], numbers[1::2], strict=True))
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}
