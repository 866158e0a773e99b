"""Sleeping workers are woken by every change that makes a job due, and only they are notified.

The workers never poll within the timeout of a test, so that a missed notification fails it.
"""

from __future__ import annotations

import signal
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from tests.support.application import WAIT_FOR_GO, Application
from tests.support.connections import break_connections
from tests.support.rows import Rows
from tests.support.sleeping_workers import asleep, wait_until_asleep
from tests.support.waiting import wait_for


def notifications(listening: psycopg.Connection[Any]) -> int:
    """Return how many notifications came since the last call."""
    listening.execute("SELECT")
    return len(list(listening.notifies(timeout=0)))


@pytest.fixture
def writer(app: Application) -> Any:
    """A connection whose transaction stays open."""
    with psycopg.connect(app.env["DATABASE_URL"]) as conn:
        yield conn


def test_sleeping_worker_runs_a_job_whose_insert_was_open_when_it_fell_asleep(
    app: Application, rows: Rows, writer: psycopg.Connection[Any]
) -> None:
    found = writer.execute("INSERT INTO probe_jobs DEFAULT VALUES RETURNING id").fetchone()
    assert found is not None
    app.run_jobs()
    wait_until_asleep(rows.conn, 1)
    writer.commit()
    rows.wait_for_status([found[0]], "succeeded")


def test_sleeping_worker_runs_a_job_inserted_under_an_older_snapshot(
    app: Application, rows: Rows, writer: psycopg.Connection[Any]
) -> None:
    writer.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    writer.execute("SELECT COUNT(*) FROM probe_jobs")
    app.run_jobs()
    wait_until_asleep(rows.conn, 1)
    found = writer.execute("INSERT INTO probe_jobs DEFAULT VALUES RETURNING id").fetchone()
    assert found is not None
    writer.commit()
    rows.wait_for_status([found[0]], "succeeded")


def test_sleeping_worker_is_woken_after_another_sleeping_worker_died(
    app: Application, rows: Rows
) -> None:
    first, _second = app.run_jobs(), app.run_jobs()
    wait_until_asleep(rows.conn, 2)
    first.send_signal(signal.SIGKILL)
    wait_until_asleep(rows.conn, 1)
    rows.wait_for_status(rows.insert(), "succeeded")


def test_sleeping_worker_is_woken_while_another_worker_has_no_free_slot(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO, options="max_concurrency = 1")
    workers = [app.run_jobs() for _ in range(2)]
    wait_until_asleep(rows.conn, 2)
    # Each worker takes one, so that both run in the end.
    for _ in workers:
        rows.wait_for_status(rows.insert("wait"), "running")


def test_sleeping_worker_is_woken_for_an_earlier_due_time(app: Application, rows: Rows) -> None:
    app.run_jobs()
    later = "INSERT INTO probe_jobs (run_at) VALUES (NOW() + INTERVAL '{}') RETURNING id"
    rows.conn.execute(later.format("1 hour").encode())
    wait_until_asleep(rows.conn, 1)
    found = rows.conn.execute(later.format("1 second").encode()).fetchone()
    assert found is not None
    rows.wait_for_status([found[0]], "succeeded")


@pytest.mark.parametrize(
    ("insert", "change"),
    [
        ("(run_at) VALUES (NOW() + INTERVAL '1 hour')", "run_at = NOW()"),
        ("(run_at) VALUES (NOW() + INTERVAL '1 hour')", "run_at = NOW() + INTERVAL '1 second'"),
        ("(status) VALUES ('job_status_failed')", "status = 'job_status_retry'"),
    ],
    ids=["due now", "due earlier", "retried"],
)
def test_sleeping_worker_is_woken_by_an_update_that_makes_a_job_due(
    app: Application, rows: Rows, insert: LiteralString, change: LiteralString
) -> None:
    query = sql.SQL("INSERT INTO probe_jobs {} RETURNING id")
    found = rows.conn.execute(query.format(sql.SQL(insert))).fetchone()
    assert found is not None
    app.run_jobs()
    wait_until_asleep(rows.conn, 1)
    update = sql.SQL("UPDATE probe_jobs SET {} WHERE id = %s")
    rows.conn.execute(update.format(sql.SQL(change)), found)
    rows.wait_for_status([found[0]], "succeeded")


def test_inserts_send_no_notification_while_no_worker_sleeps(app: Application, rows: Rows) -> None:
    app.write_job(
        WAIT_FOR_GO,
        options="max_attempts = 1\nmax_concurrency = 2\n",
    )
    with psycopg.connect(app.env["DATABASE_URL"], autocommit=True) as listening:
        listening.execute("LISTEN job_workers")
        rows.insert(run_at="'infinity'")
        assert notifications(listening) == 0
        app.run_jobs()
        wait_until_asleep(rows.conn, 1)
        with rows.conn.transaction():
            jobs = rows.insert(n=20) + rows.insert("wait", n=10)
        assert notifications(listening) == 1
        # Each claim was full, the last one too: the worker claims again by itself.
        wait_until_asleep(rows.conn, 0)
        notifications(listening)
        jobs += rows.insert(n=4)
        assert notifications(listening) == 0
        (app.root / "go").touch()
        rows.wait_for_status(jobs, "succeeded")
        wait_until_asleep(rows.conn, 1)
        rows.wait_for_status(rows.insert(), "succeeded")
        assert notifications(listening) > 0


def test_worker_listens_and_sleeps_again_after_its_session_ended(
    app: Application, rows: Rows
) -> None:
    app.run_jobs()
    wait_until_asleep(rows.conn, 1)
    before = asleep(rows.conn)
    assert break_connections(rows, "run-jobs work") == 1
    wait_for(lambda: asleep(rows.conn) - before, "the worker sleeps in another session")
    rows.wait_for_status(rows.insert(), "succeeded")
