"""How many statements a worker sends, so that a regression shows without a timer."""

from __future__ import annotations

import time

import psycopg

from tests.support.application import Application
from tests.support.statements import CountedDatabase

NO_OP = """
async def perform(self, job: ProbeJob) -> None:
    pass
"""


def test_worker_sends_at_most_a_dozen_statements_for_a_thousand_jobs(
    counted: CountedDatabase, counted_app: Application
) -> None:
    counted_app.write_job(NO_OP, options="max_concurrency = 100\n")
    with psycopg.connect(counted.url, autocommit=True) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, 30000)")
        counted.reset()
        counted_app.start("run-jobs", "--drain").wait_for_exit()
        statements = counted.statements()
        # Including those of the worker's start and end, some fifty. A busy machine completes fewer
        # jobs at a time.
        assert 0 < sum(statements.values()) <= 30 * 12, statements
        left = conn.execute("SELECT FROM probe_jobs WHERE status <> 'job_status_succeeded'")
        assert not left.fetchall()


def test_idle_worker_sends_at_most_ten_statements_a_minute(
    counted: CountedDatabase, counted_app: Application
) -> None:
    # Twenty times the default rate: a minute takes three seconds.
    heartbeat, poll, minute = 0.5, 1.5, 3
    counted_app.run_jobs("--heartbeat", str(heartbeat), "--poll", str(poll))
    counted.wait_for_heartbeats(2)
    start = time.monotonic()
    counted.reset()
    counted.wait_for_heartbeats(int(minute / heartbeat))
    statements, minutes = counted.statements(), (time.monotonic() - start) / minute
    # Each kind of statement may occur once more at the boundary.
    assert sum(statements.values()) <= 10 * minutes + len(statements), statements
    # The worker is alive: it polls between its heartbeats.
    assert sum(counted.other_statements().values()) >= 2, statements
