"""Rescues take the jobs of dead workers, and none of living ones."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import psycopg
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.heartbeat import WorkerRegistry
from jobgen_runtime.heartbeat.heartbeat import RESCUE_EVERY_HEARTBEATS
from jobgen_runtime.queue import JobQueue, Probes

from tests.support.application import SHORT_LEASE, Application
from tests.support.heartbeats import wait_for_heartbeats
from tests.support.rows import Rows
from tests.support.statements import CountedDatabase
from tests.support.waiting import wait_for

RESCUE = RESCUE_EVERY_HEARTBEATS + 1
"""Heartbeats after which a worker has looked for the jobs of dead workers."""


def insert_job_of_expired_worker(rows: Rows, worker: UUID) -> UUID:
    """Register a worker whose lease has expired; return a job that runs on it."""
    rows.conn.execute(
        "INSERT INTO job_workers (id, expires_at, host, pid, version, tables)"
        " VALUES (%s, now() - interval '1 second', 'elsewhere', 1, '0', '{}')",
        (worker,),
    )
    [job] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = 1,"
        " locked_at = now(), locked_by = %s WHERE id = %s",
        (worker, job),
    )
    return job


def test_rescue_skips_a_worker_whose_heartbeat_is_in_flight(app: Application, rows: Rows) -> None:
    worker = uuid4()
    job = insert_job_of_expired_worker(rows, worker)
    with psycopg.connect(app.env["DATABASE_URL"]) as heartbeat:
        renew = "UPDATE job_workers SET expires_at = now() + %s::interval WHERE id = %s"
        heartbeat.execute(renew, ("1 hour", worker))
        app.run_jobs("--heartbeat", "0.2")
        wait_for_heartbeats(rows.conn, RESCUE, ignore=worker)
        assert rows.get(job).locked_by == worker
    # The heartbeat is committed, and keeps later rescues off as well.
    wait_for_heartbeats(rows.conn, RESCUE, ignore=worker)
    assert (rows.get(job).locked_by, rows.get(job).attempts_count) == (worker, 1)
    rows.conn.execute(renew, ("-1 second", worker))
    rows.wait_for_status([job], "succeeded", attempts=2)


def test_late_worker_declares_others_dead_and_not_itself(rows: Rows) -> None:
    registry = WorkerRegistry(
        [Table("probe_jobs", columns=("id",))], expires_after=timedelta(minutes=1), version="0"
    )
    late, dead, gone = uuid4(), uuid4(), uuid4()
    for worker in (late, dead):
        registry.register(rows.conn, worker)
    rows.conn.execute("UPDATE job_workers SET expires_at = now() - interval '1 second'")
    assert registry.renew(rows.conn, gone) is None
    assert [other.id for other in registry.renew(rows.conn, late) or ()] == [dead]
    assert rows.conn.execute("SELECT id FROM job_workers").fetchall() == [(late,)]
    assert registry.renew(rows.conn, late) == []


def test_poison_job_fails_alone_among_a_hundred_good_ones(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "poison":
                # Long enough for others to run at the same time, if they may.
                await asyncio.sleep(0.25)
                os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.sleep(0.1)
        """,
        options="max_attempts = 3\nmax_concurrency = 10\n",
    )
    # First of all, so that others are waiting whenever it runs.
    [poison] = rows.insert("poison")
    good = rows.insert(n=100)
    app.start("run-jobs", *SHORT_LEASE).wait_for_exit(-signal.SIGKILL)
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status(good, "succeeded")
    rows.wait_for_status([poison], "failed", attempts=3)
    attempts = [rows.get(job).attempts_count for job in good]
    # Jobs that ran at the same time at first, or were prefetched, and no others.
    assert max(attempts) <= 2
    assert 0 < attempts.count(2) <= 9 + 3


def test_twenty_thousand_orphans_are_requeued_with_few_statements(
    counted: CountedDatabase, counted_app: Application, counted_rows: Rows
) -> None:
    conn = counted_rows.conn
    conn.execute(
        "INSERT INTO probe_jobs (status, attempts_count, locked_at, locked_by, run_at)"
        " SELECT 'job_status_running', 1, now(), gen_random_uuid(), 'infinity'"
        " FROM generate_series(1, 20000)"
    )
    counted.reset()
    counted_app.run_jobs("--heartbeat", "1")
    running = "SELECT FROM probe_jobs WHERE status = 'job_status_running' LIMIT 1"
    wait_for(lambda: not conn.execute(running).fetchall(), "all orphans are requeued")
    updates = [n for query, n in counted.statements().items() if "AS cancelled" in query]
    # The first ones are small, in case that triggers are slow.
    assert 0 < sum(updates) <= 40


class Probe(JobRecord):
    """The columns of `probe_jobs` that a claim needs."""

    __table__: ClassVar = Table(
        "probe_jobs",
        columns=(
            "id",
            "updated_at",
            "run_at",
            "status",
            "attempts_count",
            "locked_at",
            "locked_by",
        ),
        key=("id",),
    )


def test_late_reconciliation_leaves_newer_claims_alone(app: Application, rows: Rows) -> None:
    """The reconciliation was sent over a connection that its worker has given up meanwhile."""
    worker, queue = uuid4(), JobQueue(Probe)
    [lost, newer] = rows.insert(n=2)

    async def claim_before_and_after_the_look() -> list[UUID]:
        async with await psycopg.AsyncConnection.connect(
            app.env["DATABASE_URL"], autocommit=True
        ) as conn:
            await queue.claim(conn, worker, 1)
            tables, _ = await Probes([Probe.__table__]).count_claimed(conn, worker)
            await queue.claim(conn, worker, 1)
            assert tables["probe_jobs"].latest is not None
            until = tables["probe_jobs"].latest
            claims = await queue.fetch_unheld(conn, worker, [], until=until, limit=10)
            assert await queue.completions.release(conn, claims) is None
            return [claim.id for claim in claims]

    assert asyncio.run(claim_before_and_after_the_look()) == [lost]
    assert (rows.get(lost).status, rows.get(lost).attempts_count) == ("job_status_not_started", 0)
    assert (rows.get(newer).status, rows.get(newer).locked_by) == ("job_status_running", worker)
