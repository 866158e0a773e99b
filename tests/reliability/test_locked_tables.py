"""One job table is locked, as by a migration: jobs of other kinds continue."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import psycopg
import pytest

from tests.support.application import SHORT_LEASE, WAIT_FOR_GO, Application
from tests.support.other_kind import attempts_of_other, insert_other
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.waiting import wait_for


@pytest.fixture
def migration(app_database: str, rows: Rows) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection that locks; `rows` is open longer."""
    with psycopg.connect(app_database) as conn:
        yield conn
        conn.rollback()


Migration = psycopg.Connection[tuple[object, ...]]


def start_running_job(app: Application, rows: Rows, *options: str) -> tuple[Process, UUID]:
    """Start a worker and return it and a job that it runs."""
    worker = app.run_jobs(*options)
    [job] = rows.insert("wait")
    rows.wait_for_status([job], "running")
    return worker, job


@pytest.mark.parametrize("mode", ["ACCESS EXCLUSIVE", "SHARE"], ids=["exclusive", "share"])
def test_locked_table_holds_up_no_other_kind_and_its_jobs_complete_after_the_lock(
    two_kinds: Application, rows: Rows, migration: Migration, mode: str
) -> None:
    worker, job = start_running_job(two_kinds, rows, "--poll", "1")
    waiting = rows.insert(run_at="now() + interval '0.5 seconds'")
    migration.execute(f"LOCK TABLE probe_jobs IN {mode} MODE".encode())
    two_kinds.write("go", "")
    worker.wait_for_lines(f"ran {job}", "table is locked")
    for _ in range(8):
        assert attempts_of_other(rows, insert_other(rows)) == 1
    migration.rollback()
    rows.wait_for_status([job, *waiting], "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert output.count(f"ran {job}") == 1
    assert output.count("table is locked") < 8
    assert "claiming Probe again" in output


MANY_KINDS = """
from dataclasses import replace

from Generated.Types import ProbeJob
from jobgen_runtime import Job
from Web.Job.Probe import Probe


def kind(number):
    class Record(ProbeJob):
        __table__ = replace(ProbeJob.__table__, name=f"kind_{number}_jobs")

    class Kind(Job[Record]):
        async def perform(self, job):
            pass

    Kind.__name__ = f"Kind{number}"
    return Kind


workers = [*map(kind, range(40)), Probe]
"""


def test_many_locked_tables_hold_up_no_other_kind_and_no_heartbeat(
    app: Application, rows: Rows, migration: Migration
) -> None:
    names = [f"kind_{number}_jobs" for number in range(40)]
    for name in names:
        rows.conn.execute(f"CREATE TABLE {name} (LIKE probe_jobs INCLUDING ALL)".encode())
    app.write("WorkerMain.py", MANY_KINDS)
    # To wait half a second for each of them would take 20 s: the lease lasts for 6 s.
    worker = app.run_jobs("--heartbeat", "2", "--poll", "1")
    migration.execute(f"LOCK {', '.join(names)}".encode())
    worker.wait_for_line("table is locked", times=40)
    for _ in range(4):
        rows.wait_for_status(rows.insert(), "succeeded", attempts=1, timeout=15)
    migration.rollback()
    worker.wait_for_line("claiming Kind0 again")
    worker.send_signal(signal.SIGTERM)
    assert "lease lost" not in worker.wait_for_exit()


def test_locked_row_holds_up_no_other_row(
    app: Application, rows: Rows, migration: Migration
) -> None:
    app.write_job(WAIT_FOR_GO)
    _, job = start_running_job(app, rows)
    others = rows.insert("wait", n=5)
    rows.wait_for_status(others, "running")
    migration.execute("SELECT FROM probe_jobs WHERE id = %s FOR UPDATE", (job,))
    app.write("go", "")
    rows.wait_for_status(others, "succeeded", attempts=1)
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    assert rows.get(job).status == "job_status_running"
    migration.rollback()
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_suspect_job_in_a_locked_table_holds_up_no_other_kind(
    two_kinds: Application, rows: Rows, migration: Migration
) -> None:
    [suspect] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_retry', locked_by = gen_random_uuid()"
    )
    migration.execute("LOCK TABLE probe_jobs IN SHARE MODE")
    two_kinds.run_jobs("--poll", "0.5").wait_for_line("table is locked")
    for _ in range(3):
        assert attempts_of_other(rows, insert_other(rows)) == 1
    migration.rollback()
    rows.wait_for_status([suspect], "succeeded")


def test_drain_waits_for_a_locked_table(
    two_kinds: Application, rows: Rows, migration: Migration
) -> None:
    [job] = rows.insert()
    migration.execute("LOCK TABLE probe_jobs")
    worker = two_kinds.start("run-jobs", "--drain")
    worker.wait_for_line("table is locked")
    assert attempts_of_other(rows, insert_other(rows)) == 1
    migration.rollback()
    worker.wait_for_exit()
    assert rows.get(job).status == "job_status_succeeded"


def test_shutdown_waits_for_a_locked_table_no_longer_than_the_grace_period(
    two_kinds: Application, rows: Rows, migration: Migration
) -> None:
    worker, job = start_running_job(two_kinds, rows, "--grace", "0.1")
    migration.execute("LOCK TABLE probe_jobs")
    two_kinds.write("go", "")
    worker.wait_for_line("table is locked")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    migration.rollback()
    # A rescue takes the row. The attempt counts, because the job ran to its end.
    assert (rows.get(job).status, rows.get(job).attempts_count) == ("job_status_running", 1)


def completion_attempts(rows: Rows) -> set[tuple[int, datetime]]:
    """Return which connections wait for the lock to write completions, and since when."""
    query = """
        SELECT pid, query_start FROM pg_stat_activity
        WHERE application_name = 'run-jobs write' AND wait_event_type = 'Lock'
            AND datname = current_database()
    """
    return {(pid, since) for pid, since in rows.conn.execute(query)}


def test_shutdown_waits_for_a_locked_table_within_the_grace_period(
    two_kinds: Application, rows: Rows, migration: Migration
) -> None:
    worker, job = start_running_job(two_kinds, rows, "--grace", "60")
    migration.execute("LOCK TABLE probe_jobs")
    two_kinds.write("go", "")
    worker.wait_for_line("table is locked")
    attempts = completion_attempts(rows)
    worker.send_signal(signal.SIGTERM)
    # The second attempt over a new connection comes after every other wait of a shutdown.
    first_connection = {pid for pid, _ in attempts}

    def is_second_attempt() -> bool:
        attempts.update(completion_attempts(rows))
        return sum(pid not in first_connection for pid, _ in attempts) == 2

    wait_for(is_second_attempt, "two attempts over a new connection")
    migration.rollback()
    worker.wait_for_exit()
    assert (rows.get(job).status, rows.get(job).attempts_count) == ("job_status_succeeded", 1)


def test_locked_table_does_not_hold_up_the_rescue_of_other_kinds(
    two_kinds: Application, rows: Rows, migration: Migration
) -> None:
    first, second = rows.insert(), insert_other(rows)
    for table in ("probe_jobs", "other_jobs"):
        rows.conn.execute(
            f"UPDATE {table} SET status = 'job_status_running', attempts_count = 1,"  # noqa: S608 -- the test's own text
            " locked_at = now(), locked_by = gen_random_uuid()".encode()
        )
    migration.execute("LOCK TABLE probe_jobs IN SHARE MODE")
    worker = two_kinds.run_jobs(*SHORT_LEASE)
    worker.wait_for_line("probe_jobs: the jobs of dead workers cannot be requeued")
    assert attempts_of_other(rows, second) == 2
    migration.rollback()
    rows.wait_for_status(first, "succeeded", attempts=2)
