"""The database refuses to complete a job: it fails with the reason, and holds up no other job."""

from __future__ import annotations

import signal
from uuid import UUID

import psycopg
import pytest

from tests.support.application import Application
from tests.support.other_kind import attempts_of_other, insert_other
from tests.support.rows import Rows
from tests.support.waiting import wait_for

PERFORM = """
async def perform(self, job):
    print("performed", job.what, flush=True)
    if job.what.startswith("wait"):
        while not os.path.exists("go"):
            await asyncio.sleep(0.01)
    if job.what.startswith("raise"):
        raise ValueError("the cause")
"""


def create_trigger(rows: Rows, condition: str, action: str) -> None:
    """Make every UPDATE of probe_jobs run `action` where the `condition` holds."""
    rows.conn.execute(
        f"""
        CREATE FUNCTION hostile() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF {condition} THEN {action}; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER hostile BEFORE UPDATE ON probe_jobs FOR EACH ROW EXECUTE FUNCTION hostile();
        """.encode()
    )


NO_END = "OLD.status = 'job_status_running' AND NEW.what = 'refused'"
"""Holds for every completion of jobs whose `what` is 'refused'."""


def refusals(rows: Rows) -> list[tuple[UUID, str, str]]:
    """Return the refused jobs, what they were to become, and why they cannot."""
    query = "SELECT job_id, wanted_status::TEXT, reason FROM job_refusals ORDER BY refused_at"
    return [tuple(row) for row in rows.conn.execute(query)]


@pytest.mark.parametrize(
    "action",
    [
        "RAISE 'not today'",
        "RETURN NULL",
        "RETURN OLD",
        "RAISE USING ERRCODE = '0A000'",
        "RAISE 'not today' USING ERRCODE = '53100'",
        "RAISE 'not today' USING ERRCODE = '57P01'",
        "RAISE 'not today' USING ERRCODE = '55P03'",
        "RAISE 'not today' USING ERRCODE = '40001'",
        "RAISE 'not today' USING ERRCODE = '57014'",
    ],
    ids=["raise", "null", "old", "other state", "full disk", "shutdown", "lock", "40001", "57014"],
)
def test_job_whose_success_is_refused_fails_with_the_reason(
    app: Application, rows: Rows, action: str
) -> None:
    create_trigger(rows, "NEW.status = 'job_status_succeeded' AND NEW.what LIKE 'bad%'", action)
    app.write_job(PERFORM)
    good = [*rows.insert(n=20), *rows.insert("good", n=20)]
    bad = [*rows.insert("bad 1"), *rows.insert("bad 2")]
    good += rows.insert(n=20)
    worker = app.start("run-jobs", "--drain")
    output = worker.wait_for_exit(1)
    rows.wait_for_status(good, "succeeded", attempts=1)
    rows.wait_for_status(bad, "failed", attempts=1)
    assert "perform returned" in rows.get(bad[0]).last_error
    reason = "not today" if "not today" in action else "0A000" if "0A000" in action else "no effect"
    assert reason in rows.get(bad[0]).last_error or reason == "0A000"
    assert output.count(f"{bad[0]} cannot become succeeded") == 1
    assert output.count("performed bad 1") == 1
    assert not refusals(rows)


def test_second_job_of_a_unique_index_fails_and_the_first_succeeds(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("CREATE UNIQUE INDEX once ON probe_jobs (what, status)")
    app.write_job(PERFORM, options="max_concurrency = 1\n")
    [first] = rows.insert("a")
    worker = app.run_jobs()
    rows.wait_for_status([first], "succeeded")
    [second], [third] = rows.insert("a"), rows.insert("b")
    rows.wait_for_status([second], "failed", attempts=1)
    rows.wait_for_status([third], "succeeded", attempts=1)
    assert "duplicate key" in rows.get(second).last_error
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_job_that_cannot_be_retried_fails_with_its_error_and_the_reason(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(
        "CREATE UNIQUE INDEX one_waiting ON probe_jobs (what)"
        " WHERE status IN ('job_status_not_started', 'job_status_retry')"
    )
    app.write_job(
        "async def perform(self, job):\n"
        "    print('performed', flush=True)\n"
        "    while not os.path.exists('go'): await asyncio.sleep(0.01)\n"
        "    raise ValueError('the cause')\n"
    )
    worker = app.run_jobs()
    [first] = rows.insert("a")
    worker.wait_for_line("performed")
    rows.insert("a", run_at="'infinity'")
    app.write("go", "")
    rows.wait_for_status([first], "failed", attempts=1)
    error = rows.get(first).last_error
    assert "ValueError: the cause" in error
    assert "duplicate key" in error


def test_job_that_cannot_be_released_fails_and_does_not_delay_the_shutdown(
    app: Application, rows: Rows
) -> None:
    create_trigger(
        rows,
        "OLD.status = 'job_status_running' AND NEW.status = 'job_status_not_started'",
        "RAISE 'no way back'",
    )
    app.write_job(PERFORM)
    worker = app.run_jobs("--grace", "0.1")
    jobs = rows.insert("wait", n=2)
    worker.wait_for_line("performed", times=2)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    rows.wait_for_status(jobs, "failed", attempts=1)
    assert "no way back" in rows.get(jobs[0]).last_error
    assert "exiting anyway" not in output


def test_refused_error_text_is_replaced_by_a_short_one(app: Application, rows: Rows) -> None:
    rows.conn.execute(
        "ALTER TABLE probe_jobs ADD CONSTRAINT short CHECK (last_error !~ 'the cause')"
    )
    app.write_job(PERFORM, options="max_attempts = 1\n")
    [job] = rows.insert("raise")
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert rows.get(job).status == "job_status_failed"
    assert "violates check constraint" in rows.get(job).last_error


@pytest.mark.parametrize(
    "action", ["RAISE 'never'", "RETURN NULL", "RETURN OLD"], ids=["raise", "null", "old"]
)
def test_refused_job_frees_its_slot_and_ends_the_drain_with_1(
    app: Application, rows: Rows, action: str
) -> None:
    create_trigger(rows, NO_END, action)
    app.write_job(PERFORM, options="max_concurrency = 1\nmax_attempts = 5\n")
    [refused] = rows.insert("refused")
    others = rows.insert("other", n=5)
    output = app.start("run-jobs", "--drain", "--poll", "0.2").wait_for_exit(1)
    rows.wait_for_status(others, "succeeded", attempts=1)
    assert (rows.get(refused).status, rows.get(refused).attempts_count) == ("job_status_running", 1)
    [(job, wanted, reason)] = refusals(rows)
    assert (job, wanted) == (refused, "job_status_succeeded")
    assert ("never" if "never" in action else "no effect") in reason
    assert output.count("performed refused") == 1
    assert output.count(f"{refused} has ended, but can become neither succeeded nor failed") == 1
    assert "does not answer" not in output


def test_refused_job_frees_its_slot_of_a_global_limit(app: Application, rows: Rows) -> None:
    create_trigger(rows, NO_END, "RAISE 'never'")
    app.write_job(PERFORM, options="global_concurrency = 1\n")
    worker = app.run_jobs()
    [refused] = rows.insert("refused")
    rows.wait_for_status(rows.insert(), "succeeded")
    assert refusals(rows)[0][0] == refused
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_shutdown_does_not_wait_for_a_refused_job(two_kinds: Application, rows: Rows) -> None:
    create_trigger(rows, NO_END, "RAISE 'never'")
    # Polls find rows that name the worker although no slot has them.
    worker = two_kinds.run_jobs("--grace", "3600", "--poll", "0.1")
    rows.insert("refused")
    worker.wait_for_line("has ended, but")
    assert attempts_of_other(rows, insert_other(rows)) == 1
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "exiting anyway" not in output
    assert output.count("ran ") == 1


def test_table_that_refuses_all_completions_keeps_them_until_it_allows_them(
    two_kinds: Application, rows: Rows
) -> None:
    worker = two_kinds.run_jobs()
    jobs = rows.insert("wait", n=3)
    worker.wait_for_line("waiting", times=3)
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO elsewhere")
    two_kinds.write("go", "")
    worker.wait_for_line("cannot complete jobs of Probe")
    assert attempts_of_other(rows, insert_other(rows)) == 1
    rows.conn.execute("ALTER TABLE elsewhere RENAME TO probe_jobs")
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_cancelled_completions_are_repeated_and_no_failure_of_the_job(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("CREATE SEQUENCE cancelled")
    create_trigger(
        rows,
        "NEW.status = 'job_status_succeeded' AND nextval('cancelled') <= 6",
        "PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(60)",
    )
    app.write_job(PERFORM)
    jobs = rows.insert(n=4)
    output = app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    assert "ERROR" not in output


def test_locked_row_that_a_trigger_waits_for_holds_up_no_other_job(
    app: Application, rows: Rows, app_database: str
) -> None:
    rows.conn.execute("CREATE TABLE counters AS SELECT 1 AS id, 0 AS value")
    create_trigger(
        rows,
        "OLD.status = 'job_status_running' AND NEW.what = 'counted'",
        "UPDATE counters SET value = value + 1",
    )
    app.write_job(PERFORM)
    worker = app.run_jobs()
    with psycopg.connect(app_database) as other:
        other.execute("SELECT FROM counters FOR UPDATE")
        counted, others = rows.insert("counted"), rows.insert(n=3)
        rows.wait_for_status(others, "succeeded")
        wait_for(lambda: rows.get(counted[0]).status == "job_status_running")
    rows.wait_for_status(counted, "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_deferred_constraint_that_refuses_one_job_holds_up_no_other(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(
        """
        CREATE FUNCTION hostile() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.status = 'job_status_succeeded' AND NEW.what = 'bad' THEN
                RAISE 'at commit';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER hostile AFTER UPDATE ON probe_jobs
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hostile();
        """
    )
    app.write_job(PERFORM)
    good = rows.insert(n=20)
    [bad] = rows.insert("bad")
    app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.wait_for_status(good, "succeeded", attempts=1)
    rows.wait_for_status([bad], "failed", attempts=1)
    assert "at commit" in rows.get(bad).last_error
