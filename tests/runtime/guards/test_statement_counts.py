"""How many statements a worker sends: a regression shows without a stopwatch."""

from __future__ import annotations

import time

import psycopg

from tests.runtime.guards.counted import Counted
from tests.support.application import Application

NO_OP = """
async def perform(self, job: ProbeJob) -> None:
    pass
"""


def test_a_thousand_jobs_take_a_dozen_statements_at_most(
    counted: Counted, counted_app: Application
) -> None:
    counted_app.write_job(NO_OP, options="max_concurrency = 100\n")
    with psycopg.connect(counted.url, autocommit=True) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, 10000)")
        counted.reset()
        counted_app.start("run-jobs", "--drain").wait_for_exit()
        statements = counted.statements()
        # Those of the worker's start and end are among them.
        assert sum(statements.values()) <= 10 * 12, statements
        left = conn.execute("SELECT FROM probe_jobs WHERE status <> 'job_status_succeeded'")
        assert not left.fetchall()


def test_an_idle_worker_sends_ten_statements_a_minute_at_most(
    counted: Counted, counted_app: Application
) -> None:
    # Twenty times as fast as by default.
    counted_app.run_jobs("--heartbeat", "0.5", "--poll", "1.5")
    time.sleep(2)
    counted.reset()
    time.sleep(6)
    statements = counted.statements()
    # Two minutes, and each kind of statement once more, which may come at the border.
    assert sum(statements.values()) <= 2 * 10 + len(statements), statements
