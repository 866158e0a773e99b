"""Very many jobs at once, very many kinds of job, a very long backlog."""

from __future__ import annotations

import os
import signal
import time

import psycopg
from psycopg import sql

from tests.support.application import Application
from tests.support.rows import Rows

BACKLOG = int(os.environ.get("JOBGEN_TEST_BACKLOG", "100000"))
"""Rows that wait; 1000000 takes a minute."""

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


def test_a_thousand_jobs_due_at_the_same_instant(app: Application, rows: Rows) -> None:
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
    assert 0 <= first.total_seconds() < last.total_seconds() < 5


def transactions(conn: psycopg.Connection[tuple[int]]) -> int:
    """Of this database since its start, this session's own included."""
    conn.execute("SELECT pg_stat_clear_snapshot()")
    query = """
        SELECT xact_commit + xact_rollback FROM pg_stat_database
        WHERE datname = current_database()
    """
    row = conn.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_a_hundred_kinds_of_job_on_one_worker(app: Application, rows: Rows) -> None:
    for n in range(KINDS):
        rows.conn.execute(
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
    app.write("WorkerMain.py", MANY_KINDS)
    worker = app.start("run-jobs", "--heartbeat", "1", "--poll", "1")
    worker.wait_for_line("ready")
    jobs = []
    for n in range(KINDS):
        insert = sql.SQL("INSERT INTO {} DEFAULT VALUES RETURNING id")
        jobs += [
            row[0] for row in rows.conn.execute(insert.format(sql.Identifier(f"kind_{n}_jobs")))
        ]
    rows.wait_for_status(jobs, "succeeded", attempts=1)

    # Idle. A session's figures come in at the latest ten seconds after its last statement, and
    # while it works every second.
    with psycopg.connect(app.env["DATABASE_URL"], autocommit=True) as conn:
        time.sleep(2)
        before = transactions(conn)
        time.sleep(4)
        asked = transactions(conn) - before
    # With the intervals of production, ten to thirty times fewer. The ends of the hundred jobs may
    # be among them, but not a query for each kind at each look.
    assert 4 <= asked <= 50 + KINDS


def test_a_long_backlog_needs_little_memory_and_no_more_time(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        ran = 0

        async def perform(self, job):
            cls = type(self)
            cls.ran += 1
            if cls.ran in (1, 5000):
                print("peak", self.kilobytes(), flush=True)

        def kilobytes(self):
            try:
                with open("/proc/self/status") as status:
                    return next(int(line.split()[1]) for line in status if "VmHWM" in line)
            except FileNotFoundError:
                import resource
                return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        """
    )
    rows.conn.execute("DROP TRIGGER notify_test ON probe_jobs")
    rows.insert(n=BACKLOG)
    worker = app.start("run-jobs")
    worker.wait_for_line("peak", times=2)
    worker.send_signal(signal.SIGTERM)
    first, last = (
        int(line.split()[1])
        for line in worker.wait_for_exit().splitlines()
        if line.startswith("peak")
    )
    assert last - first < 30_000
    ended, rest = rows.conn.execute(
        "SELECT count(*) FILTER (WHERE status = 'job_status_succeeded') AS ended,"
        " count(*) FILTER (WHERE status = 'job_status_not_started') AS rest"
        " FROM probe_jobs"
    ).fetchall()[0]
    assert ended >= 5000
    assert ended + rest == BACKLOG
