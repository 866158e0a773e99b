"""Rescues go around the jobs that the database refuses to requeue, and let heartbeats go on."""

from __future__ import annotations

import signal
from uuid import UUID

import psycopg
import pytest

from tests.support.application import SHORT_LEASE, Application
from tests.support.rows import Rows
from tests.support.waiting import wait_for


def orphan(rows: Rows, jobs: list[UUID]) -> None:
    """Make the jobs run on a worker that is not registered."""
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', attempts_count = 1,"
        " locked_at = now(), locked_by = gen_random_uuid() WHERE id = ANY (%s)",
        (jobs,),
    )


def create_trigger(rows: Rows, action: str) -> None:
    """Make every UPDATE of a running row whose `what` is 'refused' run `action`."""
    rows.conn.execute(
        f"""
        CREATE FUNCTION hostile() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.status = 'job_status_running' AND NEW.what = 'refused' THEN {action}; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER hostile BEFORE UPDATE ON probe_jobs FOR EACH ROW EXECUTE FUNCTION hostile();
        """.encode()
    )


def refused_jobs(rows: Rows) -> list[UUID]:
    """Return the jobs in job_refusals."""
    return [row[0] for row in rows.conn.execute("SELECT job_id FROM job_refusals")]


def test_orphan_that_cannot_be_requeued_fails_and_the_others_come_back(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(
        "CREATE UNIQUE INDEX one_waiting ON probe_jobs (what)"
        " WHERE status IN ('job_status_not_started', 'job_status_retry')"
    )
    jobs = {what: rows.insert(what)[0] for what in ("a", "b", "c")}
    orphan(rows, list(jobs.values()))
    rows.insert("a", run_at="'infinity'")
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([jobs["b"], jobs["c"]], "succeeded", attempts=2)
    rows.wait_for_status([jobs["a"]], "failed", attempts=1)
    assert "duplicate key" in rows.get(jobs["a"]).last_error
    assert not refused_jobs(rows)


@pytest.mark.parametrize(
    "action", ["RAISE 'never'", "RETURN NULL", "RETURN OLD"], ids=["raise", "null", "old"]
)
def test_orphan_that_cannot_even_fail_is_refused_until_the_table_lets_it(
    app: Application, rows: Rows, action: str
) -> None:
    [refused], others = rows.insert("refused"), rows.insert(n=3)
    orphan(rows, [refused, *others])
    create_trigger(rows, action)
    # It may try before it is ready.
    worker = app.start("run-jobs", *SHORT_LEASE)
    worker.wait_for_line("can neither be requeued nor fail")
    rows.wait_for_status(others, "succeeded", attempts=2)
    assert refused_jobs(rows) == [refused]
    rows.conn.execute("DROP TRIGGER hostile ON probe_jobs")
    # A worker that has not tried yet tries at once.
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([refused], "succeeded", attempts=2)
    wait_for(lambda: not refused_jobs(rows))


def test_job_whose_end_was_refused_does_not_run_again_and_ends_once_the_table_lets_it(
    app: Application, rows: Rows
) -> None:
    create_trigger(rows, "RAISE 'never'")
    [job] = rows.insert("refused")
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert output.count(f"ran {job}") == 1
    drain = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "refuses to store how 1 job of Probe ended" in drain
    assert f"ran {job}" not in drain
    second = app.run_jobs(*SHORT_LEASE)
    # It rescues others, and leaves this one alone.
    other = rows.insert()
    orphan(rows, other)
    rows.wait_for_status(other, "succeeded")
    assert rows.get(job).status == "job_status_running"
    second.send_signal(signal.SIGTERM)
    assert f"ran {job}" not in second.wait_for_exit()
    rows.conn.execute("DROP TRIGGER hostile ON probe_jobs")
    app.start("run-jobs", *SHORT_LEASE).wait_for_line("is no longer refused")
    assert rows.changes(job)[-1] == ("job_status_succeeded", 1)
    wait_for(lambda: not refused_jobs(rows))


def test_job_that_was_started_over_after_a_refusal_is_rescued_like_any_other(
    app: Application, rows: Rows
) -> None:
    create_trigger(rows, "RAISE 'never'")
    [job] = rows.insert("refused")
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert refused_jobs(rows) == [job]
    rows.conn.execute("ALTER TABLE probe_jobs DISABLE TRIGGER hostile")
    # The worker that runs it again dies before any has seen that the refusal is outdated.
    orphan(rows, [job])
    second = app.run_jobs(*SHORT_LEASE)
    second.wait_for_line(f"ran {job}")
    rows.wait_for_status([job], "succeeded", attempts=2)
    wait_for(lambda: not refused_jobs(rows))


def test_job_that_is_started_over_and_refused_again_does_not_run_a_third_time(
    app: Application, rows: Rows
) -> None:
    create_trigger(rows, "RAISE 'never'")
    [job] = rows.insert("refused")
    worker = app.run_jobs(*SHORT_LEASE)
    worker.wait_for_line("can become neither")
    wait_for(lambda: refused_jobs(rows) == [job])
    with rows.conn.transaction():
        rows.conn.execute("ALTER TABLE probe_jobs DISABLE TRIGGER hostile")
        rows.conn.execute(
            "UPDATE probe_jobs SET status = 'job_status_not_started', locked_at = NULL"
        )
        rows.conn.execute("ALTER TABLE probe_jobs ENABLE TRIGGER hostile")
    worker.wait_for_line("can become neither")
    claim_is_refused = (
        "SELECT FROM job_refusals JOIN probe_jobs ON id = job_id AND refused_at > locked_at"
    )
    wait_for(
        lambda: rows.conn.execute(claim_is_refused).fetchall(), "the refusal is of this attempt"
    )
    worker.close()
    third = app.run_jobs(*SHORT_LEASE)
    other = rows.insert()
    orphan(rows, other)
    rows.wait_for_status(other, "succeeded")
    assert rows.get(job).status == "job_status_running"
    third.send_signal(signal.SIGTERM)
    assert f"ran {job}" not in third.wait_for_exit()


def test_many_orphans_of_a_slow_table_are_rescued_while_heartbeats_go_on(
    app: Application, rows: Rows
) -> None:
    jobs = rows.insert("refused", n=2500, run_at="'infinity'")
    orphan(rows, jobs)
    # More than the five seconds that one statement may take.
    create_trigger(rows, "PERFORM pg_sleep(0.003)")
    worker = app.run_jobs("--heartbeat", "1")
    running = "SELECT FROM probe_jobs WHERE status = 'job_status_running' LIMIT 1"
    wait_for(lambda: not rows.conn.execute(running).fetchall(), "all orphans are rescued")
    worker.close()
    assert "lease lost" not in "\n".join(worker.lines)


def test_slow_orphan_holds_up_no_other_and_no_heartbeat(app: Application, rows: Rows) -> None:
    [slow], others = rows.insert("refused"), rows.insert(n=200, run_at="'infinity'")
    orphan(rows, [slow, *others])
    create_trigger(rows, "PERFORM pg_sleep(20)")
    worker = app.run_jobs("--heartbeat", "1")
    rows.wait_for_status(others, "retry")
    worker.wait_for_line(f"job {slow} of a dead worker cannot be requeued within 0.75 s")
    wait_for(lambda: refused_jobs(rows) == [slow], "the refusal is recorded")
    worker.close()
    assert "heartbeat failed" not in "\n".join(worker.lines)
    rows.conn.execute("DROP TRIGGER hostile ON probe_jobs")
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([slow], "succeeded", attempts=2)


def test_orphan_whose_trigger_waits_for_a_lock_holds_up_no_other(
    app: Application, rows: Rows, app_database: str
) -> None:
    rows.conn.execute("CREATE TABLE counters AS SELECT 1 AS id, 0 AS value")
    [counted], others = rows.insert("refused"), rows.insert(n=3)
    orphan(rows, [counted, *others])
    create_trigger(rows, "UPDATE counters SET value = value + 1")
    with psycopg.connect(app_database) as session:
        session.execute("SELECT FROM counters FOR UPDATE")
        # A shorter lease may end while a busy machine starts the processes of the quarantine, and a
        # rescue's statement may take as long as it may before it has waited for the lock.
        app.run_jobs("--heartbeat", "2")
        rows.wait_for_status(others, "succeeded", attempts=2)
    rows.wait_for_status([counted], "succeeded", attempts=2)
    assert not refused_jobs(rows)


def test_orphan_that_cannot_be_requeued_for_want_of_a_resource_does_not_fail(
    app: Application, rows: Rows
) -> None:
    [refused], others = rows.insert("refused"), rows.insert(n=3)
    orphan(rows, [refused, *others])
    rows.conn.execute("CREATE SEQUENCE tries")
    create_trigger(
        rows,
        """
        IF nextval('tries') <= 4 THEN
            SET LOCAL temp_file_limit = 0;
            SET LOCAL work_mem = '64kB';
            PERFORM n FROM generate_series(1, 50000) AS n ORDER BY -n;
        END IF
        """,
    )
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status(others, "succeeded", attempts=2)
    rows.wait_for_status([refused], "succeeded", attempts=2)
    assert not refused_jobs(rows)


def test_locked_orphan_holds_up_no_other(app: Application, rows: Rows, app_database: str) -> None:
    [locked], others = rows.insert(), rows.insert(n=3)
    orphan(rows, [locked, *others])
    with psycopg.connect(app_database) as session:
        session.execute("SELECT FROM probe_jobs WHERE id = %s FOR UPDATE", (locked,))
        app.run_jobs(*SHORT_LEASE)
        rows.wait_for_status(others, "succeeded", attempts=2)
    rows.wait_for_status([locked], "succeeded", attempts=2)
