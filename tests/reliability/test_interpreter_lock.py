"""Jobs in C code that keep Python's interpreter lock, so that no thread of the worker can run."""

from __future__ import annotations

import signal

import pytest

from tests.support.application import SHORT_LEASE, Application
from tests.support.rows import Rows

# Attempt 1 keeps the lock for ever; the next one returns.
SLEEP = """
def perform(self, job):
    import ctypes
    print("attempt", job.attempts_count, flush=True)
    if job.attempts_count == 1:
        ctypes.PyDLL(None).sleep(3600)
"""

REGEX = """
async def perform(self, job):
    import re
    print("attempt", job.attempts_count, flush=True)
    if job.attempts_count == 1:
        re.match("(a+)+$", "a" * 60 + "b")
"""


@pytest.mark.parametrize("perform", [SLEEP, REGEX], ids=["thread", "async"])
def test_worker_whose_interpreter_lock_is_kept_is_killed_before_others_take_over(
    app: Application, rows: Rows, perform: str
) -> None:
    app.write_job(perform)
    first = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert()
    first.wait_for_line("attempt 1")
    output = first.wait_for_exit(-signal.SIGKILL)
    assert f"killing the worker, process {first.process.pid}" in output
    assert rows.get(job).status == "job_status_running"
    app.run_jobs(*SHORT_LEASE).wait_for_line("attempt 2")
    rows.wait_for_status([job], "succeeded")


def test_watchdog_ends_with_its_worker(app: Application, rows: Rows) -> None:
    worker = app.run_jobs(*SHORT_LEASE)
    worker.send_signal(signal.SIGKILL)
    worker.wait_for_exit(-signal.SIGKILL)
    # The watchdog has the worker's standard error: its output ends with the watchdog.
    assert not worker._reader.is_alive()
