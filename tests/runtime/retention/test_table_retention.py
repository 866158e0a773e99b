"""Old jobs are deleted in small steps, and only those."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime.database.sessions import set_timeouts
from jobgen_runtime.database.worker_sessions import open_worker_session_sync, worker_conninfo
from jobgen_runtime.retention import Retention, RetentionTarget
from jobgen_runtime.retention.table_retention import LARGEST_BATCH_ROWS, TableRetention
from psycopg import Connection

from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT, wait_for

DAYS = timedelta(days=1)
Conn = Connection[Any]


@pytest.fixture
def conn(app_database: str) -> Iterator[Conn]:
    """A connection as the retention's thread opens it."""
    session, _ = open_worker_session_sync(worker_conninfo(app_database, role="delete"))
    set_timeouts(session)
    yield session
    session.close()


def retention(
    keep: timedelta | None = 30 * DAYS, failed: timedelta | None = None
) -> TableRetention:
    return TableRetention(RetentionTarget("Probe", ProbeJob.__table__, keep, failed), due_at=0)


def search(table: TableRetention, conn: Conn, *, owns_session: bool = True) -> int:
    """Run one search to its end; return the number of steps."""
    steps = 0
    while True:
        table.step(conn, owns_session=owns_session)
        steps += 1
        assert steps < 500
        if not table._ranges and not table._parts:
            return steps


def insert(
    rows: Rows, status: str, *, made: float, ended: float, n: int = 1, id_: str = "v7"
) -> list[UUID]:
    """Insert rows that were made and ended that many days ago."""
    made_id = (
        "gen_random_uuid()"
        if id_ == "v4"
        else "(lpad(to_hex((extract(epoch FROM now() - %(made)s * interval '1 day') * 1000"
        ")::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 19))::uuid"
    )
    found = rows.conn.execute(
        "INSERT INTO probe_jobs (id, what, status, created_at, updated_at)"  # noqa: S608 -- own text
        f" SELECT {made_id}, '', %(status)s, now() - %(made)s * interval '1 day',"
        " now() - %(ended)s * interval '1 day' FROM generate_series(1, %(n)s) RETURNING id",
        {"made": made, "ended": ended, "n": n, "status": f"job_status_{status}"},
    )
    return [row[0] for row in found]


def left(rows: Rows) -> set[UUID]:
    return {row[0] for row in rows.conn.execute("SELECT id FROM probe_jobs")}


def test_only_succeeded_jobs_older_than_keep_are_deleted(rows: Rows, conn: Conn) -> None:
    insert(rows, "succeeded", made=40, ended=31)
    kept = [
        *insert(rows, "succeeded", made=40, ended=29),
        *insert(rows, "succeeded", made=10, ended=9),
        *insert(rows, "failed", made=400, ended=399),
        *insert(rows, "timed_out", made=400, ended=399),
        *insert(rows, "not_started", made=400, ended=399),
        *insert(rows, "retry", made=400, ended=399),
        *insert(rows, "running", made=400, ended=399),
    ]
    search(retention(), conn)
    assert left(rows) == set(kept)


def test_failed_jobs_have_a_retention_apart_from_succeeded_ones(rows: Rows, conn: Conn) -> None:
    insert(rows, "failed", made=100, ended=91)
    insert(rows, "timed_out", made=100, ended=91)
    kept = [
        *insert(rows, "failed", made=100, ended=89),
        *insert(rows, "succeeded", made=400, ended=399),
    ]
    search(retention(None, 90 * DAYS), conn)
    assert left(rows) == set(kept)


def test_jobs_with_random_ids_are_deleted_too(rows: Rows, conn: Conn) -> None:
    insert(rows, "succeeded", made=40, ended=31, n=50, id_="v4")
    kept = insert(rows, "succeeded", made=2, ended=1, n=50, id_="v4")
    search(retention(), conn)
    assert left(rows) == set(kept)


def test_steps_read_few_rows_and_later_searches_pass_over_jobs_that_outlive_others(
    rows: Rows, conn: Conn
) -> None:
    waiting = insert(rows, "not_started", made=90, ended=90, n=2500)
    insert(rows, "succeeded", made=40, ended=31, n=300)
    table = retention()
    # At most twice as many rows as in the step before, and LARGEST_BATCH_ROWS.
    assert search(table, conn) >= 2 * len(waiting) / LARGEST_BATCH_ROWS
    assert left(rows) == set(waiting)
    read = [0]
    find = table._jobs.find

    def count(*arguments: Any, **options: Any) -> Any:
        found = find(*arguments, **options)
        read[0] += len(found)
        return found

    table._jobs.find = count  # type: ignore[method-assign]
    insert(rows, "succeeded", made=30.01, ended=30.01)
    search(table, conn)
    assert left(rows) == set(waiting)
    assert read == [1]


def test_row_that_the_database_refuses_to_delete_is_left_and_logged_once(
    rows: Rows, conn: Conn, caplog: pytest.LogCaptureFixture
) -> None:
    kept = insert(rows, "succeeded", made=40, ended=31, n=2)
    insert(rows, "succeeded", made=40, ended=31, n=60)
    rows.conn.execute("CREATE TABLE receipts (job UUID REFERENCES probe_jobs ON DELETE RESTRICT)")
    rows.conn.execute("INSERT INTO receipts SELECT unnest(%s::uuid[])", (kept,))
    table = retention()
    with caplog.at_level(logging.INFO, "jobgen.worker"):
        search(table, conn)
    assert left(rows) == set(kept)
    [warning, summary] = [record.getMessage() for record in caplog.records]
    assert warning.startswith("Probe: the database refuses to delete the old job ")
    assert "receipts" in warning
    assert summary == "Probe: deleted 60 jobs that had ended more than 30 d ago"
    # The next search comes later, and without another statement about them.
    assert table.interval == 60


def test_row_that_is_locked_or_started_over_meanwhile_is_left(
    app_database: str, rows: Rows, conn: Conn
) -> None:
    first, second, third = insert(rows, "succeeded", made=40, ended=31, n=3)
    table = retention()
    table.step(conn, owns_session=True)
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_not_started' WHERE id = %s", (first,)
    )
    with psycopg.connect(app_database) as other:
        other.execute("SELECT FROM probe_jobs WHERE id = %s FOR UPDATE", (second,))
        search(table, conn)
        assert left(rows) == {first, second}
    assert third not in left(rows)


def test_one_session_at_a_time_deletes_jobs_of_a_table(
    app_database: str, rows: Rows, conn: Conn
) -> None:
    insert(rows, "succeeded", made=40, ended=31)
    first, second = retention(), retention()
    with open_worker_session_sync(worker_conninfo(app_database, role="delete"))[0] as other:
        set_timeouts(other)
        second.step(other, owns_session=True)
        assert second.holds_lock
        assert search(first, conn) == 1
        assert not first.holds_lock
        assert len(left(rows)) == 1
    # The server notices the end of a session a moment later.
    wait_for(lambda: search(first, conn) and first.holds_lock, "the lock is free")
    assert left(rows) == set()


def test_attempts_are_deleted_with_their_job(rows: Rows, conn: Conn) -> None:
    [old] = insert(rows, "succeeded", made=40, ended=31)
    [kept] = insert(rows, "succeeded", made=40, ended=29)
    rows.conn.execute(
        "INSERT INTO job_attempts (job_table, job_id, attempt, started_at, ended_at, outcome)"
        " SELECT 'probe_jobs'::regclass, id, 1, now(), now(), 'succeeded' FROM probe_jobs"
    )
    target = RetentionTarget("Probe", ProbeJob.__table__, 30 * DAYS, None, keeps_attempts=True)
    search(TableRetention(target, due_at=0), conn)
    assert left(rows) == {kept}
    assert rows.conn.execute("SELECT job_id FROM job_attempts").fetchall() == [(kept,)]
    assert old != kept


def test_session_of_a_pooler_keeps_no_lock(app_database: str, rows: Rows, conn: Conn) -> None:
    insert(rows, "succeeded", made=40, ended=31, n=150)
    first, second = retention(), retention()
    first.step(conn, owns_session=False)
    with open_worker_session_sync(worker_conninfo(app_database, role="delete"))[0] as other:
        search(second, other, owns_session=False)
        search(first, conn, owns_session=False)
    assert not first.holds_lock
    assert left(rows) == set()


def test_worker_without_old_jobs_to_delete_has_no_thread_and_no_connection(
    app_database: str,
) -> None:
    before = threading.active_count()
    none = Retention(worker_conninfo(app_database, role="delete"), [])
    none.start()
    assert threading.active_count() == before
    assert none.fileno() == -1
    none.stop(timeout=0)


def test_thread_deletes_until_it_is_stopped_and_closes_its_connection(
    app_database: str, rows: Rows
) -> None:
    insert(rows, "succeeded", made=40, ended=31, n=150)
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'run-jobs delete' AND datname = current_database()"
    )
    target = RetentionTarget("Probe", ProbeJob.__table__, timedelta(seconds=1), None)
    running = Retention(worker_conninfo(app_database, role="delete"), [target])
    running.start()
    wait_for(lambda: not left(rows), "the old jobs are deleted")
    insert(rows, "succeeded", made=10 / 86_400, ended=10 / 86_400)
    wait_for(lambda: not left(rows), "those of the next search, too")
    assert rows.conn.execute(query).fetchone() == (1,)
    running.stop(timeout=TIMEOUT)
    wait_for(lambda: rows.conn.execute(query).fetchone() == (0,), "the connection is closed")


def test_table_whose_deletes_are_refused_is_tried_again_later(
    rows: Rows, conn: Conn, caplog: pytest.LogCaptureFixture
) -> None:
    insert(rows, "succeeded", made=40, ended=31, n=3)
    rows.conn.execute(
        "CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'kept by law'; END$$"
    )
    rows.conn.execute(
        "CREATE TRIGGER keep BEFORE DELETE ON probe_jobs FOR STATEMENT EXECUTE FUNCTION keep()"
    )
    table = retention()
    table.step(conn, owns_session=True)
    before = table.due_at
    table.step(conn, owns_session=True)
    assert table.due_at > before + 50
    assert caplog.messages == [
        "Probe: old jobs cannot be deleted: kept by law; trying again every 60 s"
    ]
    rows.conn.execute("DROP TRIGGER keep ON probe_jobs")
    search(table, conn)
    assert left(rows) == set()
