"""A job table that is partitioned by its ids, as docs/performance.md shows it."""

from __future__ import annotations

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.schema import job_block
from tests.support.waiting import wait_for

_BOUND = (
    "rpad(lpad(to_hex(extract(epoch FROM date_trunc('month', now()) + interval '{} months')::bigint"
    " * 1000), 12, '0'), 32, '0')::uuid"
)


def add_partition(rows: Rows, name: str, month: int) -> None:
    """Add the partition of a month, counted from this one."""
    bounds = f"({_BOUND.format(month)}) TO ({_BOUND.format(month + 1)})"
    rows.conn.execute(
        f"CREATE TABLE {name} PARTITION OF probe_jobs FOR VALUES FROM {bounds}".encode()
    )


def test_partitions_are_added_and_dropped_while_a_worker_runs(app: Application, rows: Rows) -> None:
    block = job_block("Probe", "what TEXT DEFAULT 'return' NOT NULL", "moment TIMESTAMPTZ")
    rows.conn.execute("DROP TABLE probe_jobs")
    rows.conn.execute(block.replace("\n);\n", "\n) PARTITION BY RANGE (id);\n", 1).encode())
    add_partition(rows, "last_month", -1)
    add_partition(rows, "this_month", 0)
    add_partition(rows, "next_month", 1)
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "retry" and job.attempts_count == 1:
                raise ValueError("once")
            async with job.transaction() as conn:
                await conn.execute("SELECT 1")
        """
    )
    app.start("run-jobs", "--check").wait_for_exit(0)
    worker = app.run_jobs()

    def are_done(count: int) -> bool:
        query = "SELECT count(*) FROM probe_jobs WHERE status = 'job_status_succeeded'"
        return rows.conn.execute(query).fetchone() == (count,)

    rows.insert(n=50)
    rows.insert("retry")
    wait_for(lambda: are_done(51), "all jobs have succeeded")
    rows.conn.execute("ALTER TABLE probe_jobs DETACH PARTITION last_month CONCURRENTLY")
    rows.conn.execute("DROP TABLE last_month")
    add_partition(rows, "later", 2)
    rows.insert(n=5)
    wait_for(lambda: are_done(56), "the jobs after that, too")
    worker.close()
    assert "ERROR" not in "\n".join(worker.lines)
