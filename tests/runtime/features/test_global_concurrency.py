"""`global_concurrency` over several worker processes, and `strict_order`."""

from __future__ import annotations

import signal
from uuid import UUID

import pytest

from tests.support.application import SHORT_LEASE, Application
from tests.support.rows import Rows
from tests.support.statements import CountedDatabase

COUNTS_RUNNING = """
CREATE TABLE most (rows INT NOT NULL);
INSERT INTO most VALUES (0);
CREATE FUNCTION note_most() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE most SET rows = GREATEST(
        rows, (SELECT COUNT(*) FROM probe_jobs WHERE status = 'job_status_running')
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER note_most AFTER UPDATE ON probe_jobs FOR EACH STATEMENT EXECUTE FUNCTION note_most();
"""
"""A trigger that records the highest number of running rows.

Each update waits for the row lock of the one before, so no moment is missed.
"""


@pytest.mark.parametrize("limit", [1, 3])
def test_global_concurrency_holds_over_all_workers_and_leaks_no_slot(
    app: Application, rows: Rows, limit: int
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.attempts_count == 1 and job.what == "fail":
                raise ValueError("once")
            await asyncio.sleep(0.01)
        """,
        options=f"global_concurrency = {limit}\n",
    )
    rows.conn.execute(COUNTS_RUNNING)
    workers = [app.run_jobs() for _ in range(3)]
    jobs = rows.insert(n=20) + rows.insert("fail", n=10)
    rows.wait_for_status(jobs, "succeeded")
    [most] = rows.conn.execute("SELECT rows FROM most").fetchone() or [None]
    assert most == limit
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


def test_worker_without_a_free_slot_sends_no_statements_until_it_is_woken(
    counted_app: Application, counted_rows: Rows, counted: CountedDatabase
) -> None:
    counted_app.write_job(
        """
        async def perform(self, job):
            print("holds the slot")
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """,
        options="global_concurrency = 1\n",
    )
    first = counted_app.run_jobs(*SHORT_LEASE)
    jobs = counted_rows.insert()
    first.wait_for_line("holds the slot")
    second = counted_app.run_jobs(*SHORT_LEASE)
    jobs += counted_rows.insert()
    counted.wait_until_quiet(heartbeats=4)
    counted_app.write("go", "")
    counted_rows.wait_for_status(jobs, "succeeded")
    first.send_signal(signal.SIGTERM)
    first.wait_for_exit()
    second.send_signal(signal.SIGTERM)
    second.wait_for_exit()


def test_slot_of_a_killed_worker_is_freed(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("runs")
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """,
        options="global_concurrency = 1\n",
    )
    first = app.run_jobs(*SHORT_LEASE)
    jobs = rows.insert()
    first.wait_for_line("runs")
    app.run_jobs(*SHORT_LEASE)
    jobs += rows.insert()
    app.write("go", "")
    first.send_signal(signal.SIGKILL)
    rows.wait_for_status(jobs, "succeeded")


def test_workers_are_notified_when_the_last_attempt_of_a_dead_worker_frees_a_slot(
    counted_app: Application, counted_rows: Rows, counted: CountedDatabase
) -> None:
    counted_app.write_job(
        """
        async def perform(self, job):
            if job.what == "forever":
                print("runs", flush=True)
                await asyncio.sleep(600)
        """,
        options="global_concurrency = 1\nmax_attempts = 1\n",
    )
    first = counted_app.run_jobs(*SHORT_LEASE)
    lost = counted_rows.insert("forever")
    first.wait_for_line("runs")
    counted_app.run_jobs(*SHORT_LEASE)
    waiting = counted_rows.insert()
    # By then the second worker has found no free slot; only a notification makes it try again.
    counted.wait_until_quiet(heartbeats=4)
    first.send_signal(signal.SIGKILL)
    # The job fails permanently, so no trigger wakes the second worker.
    counted_rows.wait_for_status(lost, "failed")
    counted_rows.wait_for_status(waiting, "succeeded")


def test_strict_order_holds_back_later_jobs_while_a_job_waits_for_its_retry(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("ran", job.id)
            if job.attempts_count == 1 and job.what == "fail":
                raise ValueError("once")
        """,
        options="global_concurrency = 1\nstrict_order = True\n"
        "backoff = ConstantBackoff(timedelta(seconds=0.5))\n",
    )
    before, [failing], after = rows.insert(n=3), rows.insert("fail"), rows.insert(n=3)
    first, second = (app.run_jobs() for _ in range(2))
    rows.wait_for_status([*before, failing, *after], "succeeded")
    started = [row for row, status, _ in rows.seen if status == "job_status_running"]
    assert started == [*before, failing, failing, *after]
    for worker in (first, second):
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


def test_later_jobs_run_before_a_retry_without_strict_order(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.attempts_count == 1 and job.what == "fail":
                raise ValueError("once")
        """,
        options="max_concurrency = 1\nbackoff = ConstantBackoff(timedelta(seconds=0.5))\n",
    )
    [failing], after = rows.insert("fail"), rows.insert(n=2)
    app.run_jobs()
    rows.wait_for_status([failing], "succeeded")
    started: list[UUID] = [row for row, status, _ in rows.seen if status == "job_status_running"]
    assert started == [failing, *after, failing]


def test_strict_order_holds_after_the_worker_died(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.attempts_count == 1 and job.what == "die":
                os.kill(os.getpid(), signal.SIGKILL)
        """,
        options="global_concurrency = 1\nstrict_order = True\n",
    )
    [deadly], after = rows.insert("die"), rows.insert(n=3)
    app.start("run-jobs", "--heartbeat", "0.2").wait_for_exit(-signal.SIGKILL)
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([deadly, *after], "succeeded")
    started = [row for row, status, _ in rows.seen if status == "job_status_running"]
    assert started == [deadly, deadly, *after]


def test_suspect_job_waits_for_a_free_slot_without_statements(
    counted_app: Application, counted_rows: Rows, counted: CountedDatabase
) -> None:
    counted_app.write_job(
        """
        async def perform(self, job):
            print("runs", job.what)
            while job.what == "wait" and not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """,
        options="global_concurrency = 1\n",
    )
    first = counted_app.run_jobs(*SHORT_LEASE)
    waiting = counted_rows.insert("wait")
    first.wait_for_line("runs wait")
    suspect = counted_rows.insert("suspect")
    counted_rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_retry', locked_by = gen_random_uuid()"
        " WHERE what = 'suspect'"
    )
    second = counted_app.run_jobs(*SHORT_LEASE)
    counted.wait_until_quiet(heartbeats=4)
    counted_app.write("go", "")
    counted_rows.wait_for_status(waiting + suspect, "succeeded")
    second.send_signal(signal.SIGTERM)
    second.wait_for_exit()
