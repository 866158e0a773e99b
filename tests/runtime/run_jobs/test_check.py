"""`run-jobs --check`: what is missing in the database, and the SQL that adds it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.application import Application
from tests.support.refusals import refuse
from tests.support.reporting import ON_FAILED, add_reports
from tests.support.roles import GRANTS_OF_A_WORKER
from tests.support.rows import Rows
from tests.support.schema import APP_SCHEMA


def check_problems(app: Application, *options: str) -> str:
    """Return the script that `--check` prints, which must find problems."""
    return app.start("run-jobs", "--check", *options).wait_for_exit(3)


def finds_nothing(app: Application) -> bool:
    return "Nothing is missing" in app.start("run-jobs", "--check").wait_for_exit(0)


def execute_script(rows: Rows, script: str) -> None:
    """Run each statement by itself, as psql does; each must be on one line."""
    for line in script.splitlines():
        if not line.startswith("--"):
            rows.conn.execute(line.encode())


@pytest.fixture
def role(server_url: str, app_database: str) -> Iterator[str]:
    """A role without any rights."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        name = f"{psycopg.conninfo.conninfo_to_dict(app_database)['dbname']}_web"
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        yield name
    with psycopg.connect(app_database, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_check_of_a_complete_database_finds_nothing(app: Application) -> None:
    assert finds_nothing(app)


def test_check_prints_what_is_missing_and_the_sql_that_adds_it(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        "async def perform(self, job): pass", options="max_concurrency = 1\nstrict_order = True\n"
    )
    rows.conn.execute("DROP TRIGGER probe_jobs_wake_on_update ON probe_jobs")
    rows.conn.execute("ALTER TABLE probe_jobs DISABLE TRIGGER probe_jobs_wake_on_insert")
    rows.conn.execute("DROP INDEX probe_jobs_claim, probe_jobs_running")
    script = check_problems(app)
    for sentence in (
        "-- probe_jobs has no index on (run_at, id)",
        "-- probe_jobs has no index on (locked_by)",
        "-- probe_jobs has no index of its retries, which strict_order",
        "-- The trigger of probe_jobs that wakes workers on INSERT is disabled",
        "-- probe_jobs has no trigger that wakes workers on UPDATE",
    ):
        assert sentence in script
    # The check has changed nothing.
    assert check_problems(app) == script
    execute_script(rows, script)
    assert finds_nothing(app)
    names = rows.conn.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'probe_jobs' ORDER BY 1"
    )
    assert [name for (name,) in names] == [
        "probe_jobs_claim",
        "probe_jobs_failed",
        "probe_jobs_pkey",
        "probe_jobs_retry",
        "probe_jobs_running",
    ]
    rows.conn.execute("DROP INDEX probe_jobs_retry")
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert "WARNING probe_jobs has no index of its retries" in output


def test_check_does_not_take_a_retry_index_for_a_claim_index(app: Application, rows: Rows) -> None:
    rows.conn.execute("DROP INDEX probe_jobs_claim")
    rows.conn.execute("CREATE INDEX ON probe_jobs (run_at, id) WHERE status = 'job_status_retry'")
    assert "no index on (run_at, id)" in check_problems(app)


def test_check_of_an_empty_database_prints_the_runtime_schema_first(
    app: Application, database: str
) -> None:
    app.env["DATABASE_URL"] = database
    script = check_problems(app)
    assert "runtime's own schema (job_workers and others) is not in this database" in script
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(script.encode())
    assert check_problems(app).splitlines() == [
        "-- There is no table probe_jobs in this database.",
        "-- Run `jobgen migrate`, which adds it, or says what is left to you.",
    ]
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(APP_SCHEMA.encode())
    assert finds_nothing(app)


def test_check_prints_all_grants_that_a_role_needs(app: Application, rows: Rows, role: str) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    output = app.start("run-jobs").wait_for_exit(1)
    assert f"The role {role} may not " in output
    assert "`run-jobs --check` prints the SQL" in output
    execute_script(rows, check_problems(app))
    assert finds_nothing(app)
    # These rights are enough for a worker, and do not include changes of the schema.
    worker = app.run_jobs()
    rows.wait_for_status(rows.insert(n=20), "succeeded")
    worker.send_signal(signal.SIGTERM)
    assert "permission denied" not in worker.wait_for_exit()


def test_check_prints_the_grant_of_a_schema_that_the_role_may_not_use(
    app: Application, rows: Rows, role: str
) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    rows.conn.execute("REVOKE USAGE ON SCHEMA public FROM public")
    script = check_problems(app)
    assert f"The role {role} may not use any schema of its search_path" in script
    execute_script(rows, script)
    assert "may not SELECT and UPDATE on" in check_problems(app)


def test_check_of_a_database_that_does_not_exist_exits_with_1(app: Application) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], dbname="no_such_database")
    output = app.start("run-jobs", "--check").wait_for_exit(1)
    assert "The database rejects the connection" in output
    assert "Traceback" not in output


def test_check_of_a_view_prints_no_indexes_or_triggers(app: Application, rows: Rows) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO stored_jobs")
    rows.conn.execute("CREATE VIEW probe_jobs AS SELECT * FROM stored_jobs")
    script = check_problems(app)
    assert "probe_jobs is not a table but a view" in script
    assert all(line.startswith("--") for line in script.splitlines())
    rows.conn.execute("INSERT INTO stored_jobs (what) SELECT 'return' FROM generate_series(1, 3)")
    app.start("run-jobs", "--drain").wait_for_exit()
    assert rows.conn.execute(
        "SELECT count(*) FROM stored_jobs WHERE status = 'job_status_succeeded'"
    ).fetchone() == (3,)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            """
            ALTER TABLE probe_jobs REPLICA IDENTITY NOTHING;
            CREATE PUBLICATION probes FOR TABLE probe_jobs
            """,
            "does not have a replica identity",
        ),
        (
            "CREATE RULE copies AS ON UPDATE TO probe_jobs DO ALSO NOTIFY changed",
            "DO ALSO rules are not supported",
        ),
        (
            """
            ALTER TABLE probe_jobs RENAME TO probes;
            CREATE VIEW probe_jobs AS SELECT DISTINCT * FROM probes
            """,
            "cannot update view",
        ),
    ],
)
def test_check_and_start_name_a_table_that_no_job_can_start_in(
    app: Application, rows: Rows, statement: str, reason: str
) -> None:
    rows.insert()
    rows.conn.execute(statement.encode())
    script = check_problems(app)
    assert "-- Probe: the database lets no job of probe_jobs start: " in script
    assert reason in script
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "the database lets no job of probe_jobs start" in output


def test_check_names_refused_jobs_with_their_reasons(app: Application, rows: Rows) -> None:
    jobs = rows.insert(n=7)
    refuse(rows, jobs, "running", "new row violates\ncheck constraint")
    script = check_problems(app)
    assert "-- Probe: 7 jobs are refused by the database since " in script
    assert f"{jobs[0]} cannot start: new row violates" in script
    assert "and 2 more" in script
    assert all(line.startswith("--") for line in script.splitlines())
    rows.conn.execute("DELETE FROM probe_jobs")
    assert finds_nothing(app)


def test_check_finds_rows_about_dropped_tables(app: Application, rows: Rows) -> None:
    app.start("manage-jobs", "pause", "Probe").wait_for_exit()
    rows.conn.execute(
        "INSERT INTO job_attempts (job_table, job_id, attempt, started_at, ended_at, outcome)"
        " SELECT 'probe_jobs', uuidv7(), 1, now(), now(), 'failed' FROM generate_series(1, 2)"
    )
    rows.conn.execute("CREATE TABLE kept (LIKE probe_jobs INCLUDING ALL)")
    rows.conn.execute("DROP TABLE probe_jobs")
    rows.conn.execute("ALTER TABLE kept RENAME TO probe_jobs")
    # The worker recreates the triggers.
    assert "was created again" in app.start("run-jobs", "--drain").wait_for_exit()
    script = check_problems(app)
    assert "-- job_pauses has 1 row about job tables that were dropped." in script
    assert "pause its kind again" in script
    assert "-- job_attempts has 2 rows about job tables that were dropped." in script
    execute_script(rows, script)
    assert rows.conn.execute("SELECT FROM job_pauses").fetchall() == []
    assert rows.conn.execute("SELECT FROM job_attempts").fetchall() == []
    assert finds_nothing(app)


def test_check_names_what_reports_and_records_of_attempts_need(
    app: Application, rows: Rows, role: str
) -> None:
    add_reports(app, rows.conn)
    app.write_job(
        "async def perform(self, job): pass", options=ON_FAILED + "keep_attempts = True\n"
    )
    assert finds_nothing(app)
    rows.conn.execute(GRANTS_OF_A_WORKER.format(role).encode())
    url = app.env["DATABASE_URL"]
    app.env["DATABASE_URL"] = make_conninfo(url, user=role)
    script = check_problems(app, "Probe")
    assert "may not INSERT on job_attempts" in script
    execute_script(rows, script)
    assert "Nothing is missing" in app.start("run-jobs", "Probe", "--check").wait_for_exit(0)
    app.env["DATABASE_URL"] = url
    rows.conn.execute("ALTER TABLE report_jobs DROP COLUMN failed_error")
    script = check_problems(app, "Probe")
    assert "report_jobs, in which Probe.on_failed reports failures, has no column failed_error" in (
        script
    )
    rows.conn.execute("DROP TABLE report_jobs")
    assert "There is no table report_jobs, in which" in check_problems(app, "Probe")
