"""`run-jobs --check`: what the database lacks, and the SQL that adds it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.schema import APP_SCHEMA


def missing(app: Application, *options: str) -> str:
    """What it prints of a database that lacks something."""
    return app.start("run-jobs", "--check", *options).wait_for_exit(3)


def complete(app: Application) -> bool:
    return "Nothing is missing" in app.start("run-jobs", "--check").wait_for_exit(0)


def carry_out(rows: Rows, script: str) -> None:
    """As psql does: each statement by itself. All but the runtime's schema are of one line."""
    for line in script.splitlines():
        if not line.startswith("--"):
            rows.conn.execute(line.encode())


@pytest.fixture
def role(server_url: str, app_database: str) -> Iterator[str]:
    """A role that may do nothing."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        name = f"{psycopg.conninfo.conninfo_to_dict(app_database)['dbname']}_web"
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        yield name
    with psycopg.connect(app_database, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_nothing_is_missing(app: Application) -> None:
    assert complete(app)


def test_what_is_missing_comes_with_the_sql_that_adds_it(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job): pass", options="max_concurrency = 1\nstrict_order = True\n"
    )
    rows.conn.execute("DROP TRIGGER probe_jobs_wake_on_update ON probe_jobs")
    rows.conn.execute("ALTER TABLE probe_jobs DISABLE TRIGGER probe_jobs_wake_on_insert")
    rows.conn.execute("DROP INDEX probe_jobs_claim, probe_jobs_running")
    script = missing(app)
    for sentence in (
        "-- probe_jobs has no index on (run_at, id)",
        "-- probe_jobs has no index on (locked_by)",
        "-- probe_jobs has no index of its retries, which strict_order",
        "-- The trigger of probe_jobs that wakes workers on INSERT is disabled",
        "-- probe_jobs has no trigger that wakes workers on UPDATE",
    ):
        assert sentence in script
    # It has changed nothing, and says the same again.
    assert missing(app) == script
    carry_out(rows, script)
    assert complete(app)
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
    started = app.start("run-jobs", "--drain").wait_for_exit()
    assert "WARNING probe_jobs has no index of its retries" in started


def test_an_index_of_retries_alone_does_not_serve_claims(app: Application, rows: Rows) -> None:
    rows.conn.execute("DROP INDEX probe_jobs_claim")
    rows.conn.execute("CREATE INDEX ON probe_jobs (run_at, id) WHERE status = 'job_status_retry'")
    assert "no index on (run_at, id)" in missing(app)


def test_an_empty_database(app: Application, database: str) -> None:
    app.env["DATABASE_URL"] = database
    script = missing(app)
    assert "runtime's own schema (job_workers and others) is not in this database" in script
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(script.encode())
    assert missing(app).splitlines() == [
        "-- There is no table probe_jobs in this database.",
        "-- Run `jobgen migrate`, which adds it.",
    ]
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(APP_SCHEMA.encode())
    assert complete(app)


def test_a_role_that_may_do_nothing_is_told_what_to_grant(
    app: Application, rows: Rows, role: str
) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    refused = app.start("run-jobs").wait_for_exit(1)
    assert f"The role {role} may not " in refused
    assert "`run-jobs --check` prints the SQL" in refused
    carry_out(rows, missing(app))
    assert complete(app)
    # These are all that it needs, and no right to change the schema.
    worker = app.run_jobs()
    rows.wait_for_status(rows.insert(n=20), "succeeded")
    worker.send_signal(signal.SIGTERM)
    assert "permission denied" not in worker.wait_for_exit()


def test_a_role_that_may_not_use_the_schema(app: Application, rows: Rows, role: str) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    rows.conn.execute("REVOKE USAGE ON SCHEMA public FROM public")
    script = missing(app)
    assert f"The role {role} may not use any schema of its search_path" in script
    carry_out(rows, script)
    assert "may not SELECT and UPDATE on" in missing(app)


def test_a_database_that_cannot_be_asked(app: Application) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], dbname="no_such_database")
    output = app.start("run-jobs", "--check").wait_for_exit(1)
    assert "cannot be checked" in output
    assert "Traceback" not in output
