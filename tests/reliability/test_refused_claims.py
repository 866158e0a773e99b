"""Due rows whose claim the database refuses hold up no other row."""

from __future__ import annotations

import signal
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.support.application import WAIT_FOR_GO, Application
from tests.support.other_kind import attempts_of_other, insert_other
from tests.support.roles import use_worker_role
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT, wait_for

RETRIED = 5 * TIMEOUT
"""Seconds until a refused row has been tried again: up to twice as long as it has been refused."""

TRIGGER = """
CREATE FUNCTION on_claim() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'job_status_running' AND NEW.what = 'bad' THEN
        {}
    END IF;
    RETURN NEW;
END
$$;
"""
BEFORE = """
CREATE TRIGGER on_claim BEFORE UPDATE ON probe_jobs FOR EACH ROW EXECUTE FUNCTION on_claim();
"""
AFTER = """
CREATE CONSTRAINT TRIGGER on_claim AFTER UPDATE ON probe_jobs DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION on_claim();
"""


def on_claim(what: str, when: str = BEFORE) -> str:
    """Return the SQL of a trigger that does `what` when a row with what = 'bad' is claimed."""
    return TRIGGER.format(what) + when


CLOCK = "RAISE EXCEPTION 'not at %', clock_timestamp();"
FAULTS = {
    "check": "ALTER TABLE probe_jobs ADD CONSTRAINT good CHECK (what <> 'bad') NOT VALID",
    "trigger": on_claim("RAISE EXCEPTION 'not this one';"),
    "trigger with a clock": on_claim(CLOCK),
    "trigger with SQLSTATE 0A000": on_claim("RAISE feature_not_supported;"),
    "trigger with SQLSTATE 25006": on_claim("RAISE read_only_sql_transaction;"),
    "trigger with SQLSTATE 55P03": on_claim("RAISE lock_not_available;"),
    "trigger with SQLSTATE 40001": on_claim("RAISE serialization_failure;"),
    "trigger with SQLSTATE 57014": on_claim("RAISE query_canceled;"),
    "trigger with SQLSTATE 57P01": on_claim("RAISE admin_shutdown;"),
    "trigger with its own SQLSTATE": on_claim(
        r"RAISE EXCEPTION E'two\nlines' USING ERRCODE = 'ZX001';"
    ),
    "deferred trigger": on_claim("RAISE EXCEPTION 'not this one';", AFTER),
    "return null": on_claim("RETURN NULL;"),
    "return old": on_claim("RETURN OLD;"),
    "another worker": on_claim("NEW.locked_by := gen_random_uuid();"),
    "no worker": on_claim("NEW.locked_by := NULL;"),
    "no locked_at": on_claim("NEW.locked_at := NULL;"),
    "another status": on_claim("NEW.status := 'job_status_retry'; NEW.run_at := NOW();"),
    "final status": on_claim("NEW.status := 'job_status_failed'; NEW.locked_by := NULL;"),
    "overflow": "UPDATE probe_jobs SET attempts_count = 2147483647 WHERE what = 'bad'",
    "virtual column": "ALTER TABLE probe_jobs DROP COLUMN moment; ALTER TABLE probe_jobs"
    " ADD moment TIMESTAMPTZ GENERATED ALWAYS AS"
    " (TO_TIMESTAMP(100 / (CASE what WHEN 'bad' THEN 0 ELSE 1 END)::FLOAT8)) VIRTUAL",
    "generated column": "ALTER TABLE probe_jobs ADD share INT GENERATED ALWAYS AS (CASE status"
    " WHEN 'job_status_running' THEN 100 / (CASE what WHEN 'bad' THEN 0 ELSE 1 END) END) STORED",
}


def insert_around_bad(rows: Rows, bad: int = 1) -> tuple[list[UUID], list[UUID]]:
    """Insert bad rows, the first of them due before all good ones; return the good and the bad."""
    first = rows.insert("bad", run_at="now() - interval '1 hour'")
    good = rows.insert("good", n=3)
    later = rows.insert("bad", n=bad - 1) if bad > 1 else []
    return good + rows.insert("good", n=2), first + later


def refusals(rows: Rows) -> dict[UUID, str]:
    """Return the reason of each refusal."""
    return {row[0]: row[1] for row in rows.conn.execute("SELECT job_id, reason FROM job_refusals")}


@pytest.mark.parametrize("fault", FAULTS)
def test_row_that_cannot_be_claimed_holds_up_no_other_row_nor_a_drain(
    app: Application, rows: Rows, fault: str
) -> None:
    if fault == "virtual column" and rows.conn.info.server_version < 180000:
        pytest.skip("needs virtual columns: PostgreSQL 18 or newer")
    good, [bad] = insert_around_bad(rows)
    rows.conn.execute(FAULTS[fault].encode())
    worker = app.start("run-jobs", "--drain")
    rows.wait_for_status(good, "succeeded", attempts=1)
    if "55P03" in fault:
        return  # It waits as for a lock of another session, and so does the drain.
    output = worker.wait_for_exit(1)
    assert rows.get(bad).status == "job_status_not_started"
    assert rows.get(bad).attempts_count == (2**31 - 1 if fault == "overflow" else 0)
    assert output.count(f"the database refuses to start Probe {bad}") == 1
    assert "the database refuses to start 1 job of Probe" in output
    assert "the database failed" not in output
    [(refused, reason)] = refusals(rows).items()
    assert refused == bad
    assert "\n" not in reason


def test_row_that_an_after_trigger_takes_back_at_its_claim_is_refused_after_its_first_attempt(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(
        """
        CREATE FUNCTION takes_back() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE probe_jobs SET status = 'job_status_not_started', locked_by = NULL
            WHERE id = NEW.id;
            RETURN NULL;
        END
        $$;
        CREATE CONSTRAINT TRIGGER takes_back AFTER UPDATE ON probe_jobs
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            WHEN (NEW.what = 'bad' AND NEW.status = 'job_status_running')
            EXECUTE FUNCTION takes_back();
        """
    )
    # A row inserted between a claim and the question for what is due next is refused without one.
    [bad] = rows.insert("bad")
    worker = app.run_jobs()
    worker.wait_for_line(f"the database refuses to start Probe {bad}")
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    # It may be claimed once more before the end of its first attempt.
    assert 1 <= worker.wait_for_exit().count(f"ran {bad}") <= 2


def test_refused_row_is_logged_once_and_runs_once_the_database_accepts_it(
    two_kinds: Application, rows: Rows
) -> None:
    good, bad = insert_around_bad(rows, bad=40)
    rows.conn.execute(FAULTS["check"].encode())
    worker = two_kinds.run_jobs()
    rows.wait_for_status(good, "succeeded", attempts=1)
    wait_for(lambda: set(refusals(rows)) == set(bad), "all refusals are recorded")
    assert attempts_of_other(rows, insert_other(rows)) == 1
    rows.wait_for_status(rows.insert("later"), "succeeded", attempts=1)
    rows.conn.execute("ALTER TABLE probe_jobs DROP CONSTRAINT good")
    rows.wait_for_status(bad, "succeeded", attempts=1, timeout=RETRIED)
    wait_for(lambda: not refusals(rows), "the refusals are resolved")
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert 0 < output.count("the database refuses to start Probe") <= 10
    assert "cannot claim" not in output
    assert "Failing row" not in output


def test_refusal_is_overtaken_by_the_next_transition_on_any_worker(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        "async def perform(self, job): raise ValueError('no')\n",
        options="backoff = ConstantBackoff(timedelta(days=1))\n",
    )
    [job] = rows.insert("bad")
    rows.conn.execute(FAULTS["check"].encode())
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "1 refused by the database" in app.start("manage-jobs", "status").wait_for_exit()
    rows.conn.execute("ALTER TABLE probe_jobs DROP CONSTRAINT good")
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert rows.get(job).status == "job_status_retry"
    assert "refused" not in app.start("manage-jobs", "status").wait_for_exit()
    app.start("run-jobs", "--drain").wait_for_exit()
    assert not refusals(rows)


EVERY_CLAIM = {
    "rule": "CREATE RULE copies AS ON UPDATE TO probe_jobs DO ALSO NOTIFY probe_jobs_changed",
    "trigger with SQLSTATE 40001": """
        CREATE FUNCTION never() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            RAISE serialization_failure;
        END
        $$;
        CREATE TRIGGER never BEFORE UPDATE ON probe_jobs EXECUTE FUNCTION never();
        """,
}


@pytest.mark.parametrize("fault", EVERY_CLAIM)
def test_kind_whose_every_claim_is_refused_holds_up_no_other_kind(
    two_kinds: Application, rows: Rows, fault: str
) -> None:
    rows.conn.execute(EVERY_CLAIM[fault].encode())
    rows.insert(n=3)
    other = insert_other(rows)
    worker = two_kinds.start("run-jobs", "--drain")
    assert attempts_of_other(rows, other) == 1
    output = worker.wait_for_exit(1)
    assert output.count("cannot claim jobs of Probe") == 1
    assert "jobs of Probe could not be claimed" in output
    assert "the database failed" not in output


def test_job_under_a_unique_index_of_running_jobs_waits_for_the_one_that_runs(
    app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    rows.conn.execute(
        "CREATE UNIQUE INDEX one_running ON probe_jobs (what) WHERE status = 'job_status_running'"
    )
    first, *waiting = rows.insert("wait", n=4)
    others = rows.insert("a") + rows.insert("b")
    worker = app.run_jobs()
    rows.wait_for_status([first], "running")
    rows.wait_for_status(others, "succeeded", attempts=1)
    app.write("go", "")
    rows.wait_for_status([first, *waiting], "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "ERROR" not in output
    assert not refusals(rows)


def test_refused_first_row_of_a_kind_in_strict_order_holds_back_the_others(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        "async def perform(self, job): pass\n", options="strict_order = True\nmax_concurrency = 1\n"
    )
    good, [bad] = insert_around_bad(rows)
    rows.conn.execute(FAULTS["check"].encode())
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert f"the database refuses to start Probe {bad}" in output
    assert "in strict order" in output
    assert {rows.get(job).status for job in good} == {"job_status_not_started"}
    rows.conn.execute("DELETE FROM probe_jobs WHERE id = %s", (bad,))
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(good, "succeeded", attempts=1)


@pytest.mark.parametrize("fault", ["check", "return null"])
def test_refused_row_holds_up_no_other_row_of_a_kind_with_a_global_limit(
    app: Application, rows: Rows, fault: str
) -> None:
    app.write_job("async def perform(self, job): pass\n", options="global_concurrency = 1\n")
    good, [bad] = insert_around_bad(rows)
    rows.conn.execute(FAULTS[fault].encode())
    app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.wait_for_status(good, "succeeded", attempts=1)
    assert list(refusals(rows)) == [bad]


def test_refused_suspect_holds_up_no_other_row(app: Application, rows: Rows) -> None:
    good, [bad] = insert_around_bad(rows)
    rows.conn.execute(
        "UPDATE probe_jobs SET locked_by = gen_random_uuid(), status = 'job_status_retry'"
        " WHERE id = %s",
        (bad,),
    )
    rows.conn.execute(FAULTS["trigger"].encode())
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.wait_for_status(good, "succeeded", attempts=1)
    assert f"the database refuses to start Probe {bad}" in output


def test_rows_that_row_security_hides_from_updates_hold_up_no_other_row(
    app: Application, rows: Rows, make_role: Callable[[], str]
) -> None:
    role = use_worker_role(app, rows, make_role)
    worker = app.run_jobs()
    rows.conn.execute(
        f"""
        ALTER TABLE probe_jobs ENABLE ROW LEVEL SECURITY;
        CREATE POLICY s ON probe_jobs FOR SELECT TO {role} USING (true);
        CREATE POLICY u ON probe_jobs FOR UPDATE TO {role} USING (what <> 'bad');
        """.encode()
    )
    bad = rows.insert("bad", n=20)
    good = rows.insert("good", n=3)
    rows.wait_for_status(good, "succeeded", attempts=1)
    worker.wait_for_line("Row security lets this role read the row, but not change it")
    wait_for(lambda: set(refusals(rows)) == set(bad), "all refusals are recorded")
    rows.conn.execute("ALTER TABLE probe_jobs DISABLE ROW LEVEL SECURITY")
    rows.wait_for_status(bad, "succeeded", attempts=1, timeout=RETRIED)


def test_more_suppressed_rows_than_slots_hold_up_no_other_row(app: Application, rows: Rows) -> None:
    app.write_job("async def perform(self, job): pass\n", options="max_concurrency = 2\n")
    rows.conn.execute(FAULTS["return null"].encode())
    bad = rows.insert("bad", n=20, run_at="now() - interval '1 hour'")
    good = rows.insert("good", n=3)
    app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.wait_for_status(good, "succeeded", attempts=1)
    assert set(refusals(rows)) == set(bad)


def test_locked_at_that_a_trigger_changes_is_the_fence(app: Application, rows: Rows) -> None:
    app.write_job("async def perform(self, job): print('ran', job.id, job.locked_at)\n")
    rows.conn.execute(
        TRIGGER.format("NEW.locked_at := clock_timestamp() + interval '1 second';").encode()
    )
    jobs = rows.insert("bad", n=3) + rows.insert("good", n=3)
    rows.conn.execute(BEFORE)
    output = app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    assert output.count("ran ") == 6


@pytest.mark.parametrize(
    "change",
    [
        "NEW.id := gen_random_uuid();",
        "NEW.run_at := NOW() + INTERVAL '1 year';",
        "NEW.attempts_count := 1;",
        "NEW.updated_at := '-infinity';",
    ],
)
def test_other_column_that_a_trigger_changes_makes_no_job_run_twice(
    app: Application, rows: Rows, change: str
) -> None:
    rows.conn.execute(on_claim(change).encode())
    rows.insert("bad", n=30)
    rows.insert("good", n=30)
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert output.count("ran ") == 60
    ended = rows.conn.execute(
        "SELECT FROM probe_jobs WHERE status = 'job_status_succeeded' AND attempts_count = 1"
    )
    assert len(ended.fetchall()) == 60


def test_change_of_a_column_under_prepared_claims_loses_no_connection(
    app: Application, rows: Rows
) -> None:
    worker = app.run_jobs("-v")
    for _ in range(8):  # The driver prepares a statement at its sixth execution.
        rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    rows.conn.execute("ALTER TABLE probe_jobs ALTER what TYPE VARCHAR(20)")
    for _ in range(8):
        rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "ERROR" not in output
    assert "the database" not in output


def test_table_that_is_partitioned_by_status_is_processed_without_errors(
    app: Application, rows: Rows
) -> None:
    app.write_job("async def perform(self, job): pass\n")
    rows.conn.execute(
        """
        ALTER TABLE probe_jobs RENAME TO plain_jobs;
        CREATE TABLE probe_jobs (LIKE plain_jobs INCLUDING DEFAULTS) PARTITION BY LIST (status);
        CREATE TABLE waiting_jobs PARTITION OF probe_jobs
            FOR VALUES IN ('job_status_not_started', 'job_status_retry');
        CREATE TABLE other_jobs PARTITION OF probe_jobs DEFAULT;
        CREATE INDEX ON probe_jobs (id);
        """
    )
    rows.insert(n=600)
    workers = [app.start("run-jobs", "--drain", "--poll", "1") for _ in range(2)]
    for worker in workers:
        assert "ERROR" not in worker.wait_for_exit()
    left = rows.conn.execute("SELECT FROM probe_jobs WHERE status <> 'job_status_succeeded'")
    assert not left.fetchall()
