"""A worker's clock that is an hour off, or jumps: only the database's clock decides."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.support.application import SHORT_LEASE, Application
from tests.support.heartbeats import wait_for_heartbeats
from tests.support.programs import FAKETIME
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT

PATCH = """
import pathlib, time

file = pathlib.Path(__file__).with_name("offset")
real = time.time
time.time = lambda: real() + float(file.read_text())
"""

HOUR = 3600

SetClock = Callable[[int], None]


@pytest.fixture(params=["Python's", "the process's"])
def set_clock(request: pytest.FixtureRequest, app: Application) -> SetClock:
    """Return a function that sets the clock of workers, running ones too, that many seconds off.

    Python's own clock only, or with libfaketime also the one that C code reads.
    """
    offset = app.root / "clock/offset"
    offset.parent.mkdir()
    if request.param == "Python's":
        app.write("clock/sitecustomize.py", PATCH)
        before = app.env.get("PYTHONPATH")
        app.env["PYTHONPATH"] = f"{offset.parent}:{before}" if before else str(offset.parent)
    else:
        app.env |= {
            "LD_PRELOAD": str(FAKETIME.require()),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            # Setting the clock does not change the monotonic one.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set_clock(seconds: int) -> None:
        text = f"{seconds}" if request.param == "Python's" else f"{seconds:+d}s"
        # Atomically: a worker may read the file at any time.
        new = app.write("clock/new", text)
        new.replace(offset)

    return set_clock


@pytest.mark.parametrize("off", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_worker_whose_clock_is_an_hour_off_runs_jobs_on_time(
    app: Application, rows: Rows, set_clock: SetClock, off: int
) -> None:
    set_clock(off)
    app.write_job(
        """
        async def perform(self, job):
            print("off by", round(time.time() - job.locked_at.timestamp(), -2), flush=True)
            if job.what == "twice" and job.attempts_count == 1:
                raise ValueError
            while job.what == "long" and not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """,
        options="backoff = ConstantBackoff(timedelta(seconds=0.5))\n",
    )
    worker = app.run_jobs(*SHORT_LEASE)
    [later] = rows.insert(run_at="now() + interval '1 second'")
    [long] = rows.insert("long")
    [twice] = rows.insert("twice")
    [not_yet] = rows.insert(run_at="now() + interval '10 minutes'")
    worker.wait_for_line(f"off by {float(off)}")
    # A second worker, which would rescue jobs if the first one's lease seemed to have expired.
    app.run_jobs(*SHORT_LEASE)
    wait_for_heartbeats(rows.conn, 3)
    app.write("go", "")
    rows.wait_for_status([later, long], "succeeded", attempts=1)
    rows.wait_for_status([twice], "succeeded", attempts=2)
    row = rows.get(later)
    assert 0 <= (row.updated_at - row.run_at).total_seconds() < TIMEOUT
    assert rows.get(not_yet).attempts_count == 0


def test_worker_whose_clock_jumps_keeps_its_lease_and_runs_jobs_on_time(
    app: Application, rows: Rows, set_clock: SetClock
) -> None:
    set_clock(0)
    app.write_job(
        """
        async def perform(self, job):
            print("runs", flush=True)
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """,
        options="timeout = timedelta(minutes=30)\n",
    )
    worker = app.run_jobs(*SHORT_LEASE)
    [job] = rows.insert()
    worker.wait_for_line("runs")
    for seconds in (HOUR, -HOUR):
        set_clock(seconds)
        [later] = rows.insert(run_at="now() + interval '0.7 seconds'")
        worker.wait_for_line("runs")
        assert rows.get(later).attempts_count == 1
        wait_for_heartbeats(rows.conn, 2)
    app.write("go", "")
    rows.wait_for_status([job], "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    assert "lease lost" not in worker.wait_for_exit()
