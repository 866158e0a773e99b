"""Loads: many jobs at once, many kinds of job, a long backlog."""

from __future__ import annotations

import os
import signal

import pytest
from psycopg import sql

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.statements import CountedDatabase
from tests.support.waiting import TIMEOUT

BACKLOG = int(os.environ.get("JOBGEN_TEST_BACKLOG", "100000"))
"""Waiting rows; with 1000000 the test takes a minute."""

KINDS = 100

MANY_KINDS = f"""
from dataclasses import replace

from Generated.Types import ProbeJob
from jobgen_runtime import Job


def kind(n):
    table = replace(ProbeJob.__table__, name=f"kind_{{n}}_jobs")
    record = type(f"Kind{{n}}Job", (ProbeJob,), {{"__table__": table}})

    class Kind(Job[record]):
        async def perform(self, job):
            pass

    Kind.__name__ = Kind.__qualname__ = f"Kind{{n}}"
    return Kind


workers = [kind(n) for n in range({KINDS})]
"""


def test_a_thousand_jobs_due_at_the_same_instant_run_without_polling(
    app: Application, rows: Rows
) -> None:
    app.write_job("async def perform(self, job): pass")
    app.run_jobs("--poll", "600")
    app.run_jobs("--poll", "600")
    with rows.conn.transaction():
        jobs = rows.insert(n=1000, run_at="now() + interval '1 second'")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    query = """
        SELECT max(updated_at) - max(run_at) AS last, min(updated_at) - max(run_at) AS first
        FROM probe_jobs
    """
    [(last, first)] = rows.conn.execute(query)
    assert 0 <= first.total_seconds() < last.total_seconds() < TIMEOUT


def test_idle_worker_with_a_hundred_kinds_of_job_sends_no_statement_for_each(
    counted_app: Application, counted_rows: Rows, counted: CountedDatabase
) -> None:
    for n in range(KINDS):
        counted_rows.conn.execute(
            f"""
            CREATE TABLE kind_{n}_jobs (LIKE probe_jobs INCLUDING ALL);
            CREATE TRIGGER wake_on_insert AFTER INSERT ON kind_{n}_jobs
                FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
            CREATE TRIGGER wake_on_update AFTER UPDATE ON kind_{n}_jobs FOR EACH ROW
                WHEN (NEW.status IN ('job_status_not_started', 'job_status_retry'))
                EXECUTE FUNCTION wake_job_workers();
            CREATE TRIGGER notify_test AFTER UPDATE ON kind_{n}_jobs
                FOR EACH ROW EXECUTE FUNCTION notify_test()
            """.encode()
        )
    counted_app.write("WorkerMain.py", MANY_KINDS)
    worker = counted_app.start("run-jobs", "--heartbeat", "0.5", "--poll", "0.5")
    worker.wait_for_line("ready")
    insert = sql.SQL("INSERT INTO {} DEFAULT VALUES RETURNING id")
    jobs = []
    for n in range(KINDS):
        query = insert.format(sql.Identifier(f"kind_{n}_jobs"))
        jobs += [row[0] for row in counted_rows.conn.execute(query)]
    counted_rows.wait_for_status(jobs, "succeeded", attempts=1)

    # Idle: one query of each sort at each poll, not one for each kind.
    counted.wait_for_heartbeats(2)
    counted.reset()
    counted.wait_for_heartbeats(4)
    assert 4 <= sum(counted.other_statements().values()) < KINDS, counted.statements()


PRINT_PEAK = """
ran = 0

async def perform(self, job):
    cls = type(self)
    cls.ran += 1
    if cls.ran in (1, LAST):
        print("peak", self.kilobytes(), flush=True)

def kilobytes(self):
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if "VmHWM" in line)
    except FileNotFoundError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
"""
"""A `perform` that prints the most memory used until the first and the LAST job, in kilobytes."""


def peaks(output: str) -> list[int]:
    return [int(line.split()[1]) for line in output.splitlines() if line.startswith("peak")]


def test_long_backlog_needs_little_memory(app: Application, rows: Rows) -> None:
    app.write_job(PRINT_PEAK.replace("LAST", "5000"))
    rows.conn.execute("DROP TRIGGER notify_test ON probe_jobs")
    rows.insert(n=BACKLOG)
    worker = app.start("run-jobs")
    worker.wait_for_line("peak", times=2)
    worker.send_signal(signal.SIGTERM)
    first, last = peaks(worker.wait_for_exit())
    assert last - first < 30_000
    ended, rest = rows.conn.execute(
        "SELECT count(*) FILTER (WHERE status = 'job_status_succeeded') AS ended,"
        " count(*) FILTER (WHERE status = 'job_status_not_started') AS rest"
        " FROM probe_jobs"
    ).fetchall()[0]
    assert ended >= 5000
    assert ended + rest == BACKLOG


@pytest.mark.parametrize("small", [50, 4000], ids=["from the start", "behind many small rows"])
def test_wide_rows_are_claimed_in_bounded_memory(app: Application, rows: Rows, small: int) -> None:
    app.write_job(PRINT_PEAK.replace("LAST", str(small + 750)))
    rows.conn.execute("DROP TRIGGER notify_test ON probe_jobs")
    rows.insert(n=small)
    rows.conn.execute(
        "INSERT INTO probe_jobs (what) SELECT repeat('x', 500000) FROM generate_series(1, 750)"
    )
    first, last = peaks(app.start("run-jobs", "--drain").wait_for_exit())
    # All rows at once are 375 MB, and twice that while they are decoded. One claim may be 64 MB,
    # which is twice that for a moment, next to the rows that run.
    assert last - first < 300_000
