"""Settings of the database and the role that the sessions of workers and records do not inherit."""

from __future__ import annotations

import signal

import psycopg
import pytest
from jobgen_runtime.database.worker_sessions import open_worker_session_sync, worker_conninfo
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.support.application import Application
from tests.support.own_server import own_server
from tests.support.rows import Rows
from tests.support.waiting import wait_for

RECORDS = """
async def perform(self, job):
    if job.what == "fail":
        raise ValueError("Grüße 🎉")
    created = await ProbeJob.create(what="made", run_at=job.run_at + timedelta(days=400))
    assert await created.refresh() == created
    [found] = await ProbeJob.fetch_all("SELECT * FROM probe_jobs WHERE id = %s", [created.id])
    assert found == created
"""

EMPTY = "async def perform(self, job): pass"


def set_for_database(rows: Rows, **settings: str) -> None:
    """Set the settings for all new sessions in the database."""
    for name, value in settings.items():
        rows.conn.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                sql.Identifier(rows.conn.info.dbname), sql.Identifier(name), sql.Literal(value)
            )
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"DateStyle": "SQL, DMY"},
        {"DateStyle": "German"},
        {"DateStyle": "Postgres, MDY", "IntervalStyle": "iso_8601"},
        {"IntervalStyle": "sql_standard"},
        {"IntervalStyle": "postgres_verbose"},
        {"client_encoding": "LATIN1"},
        {"client_encoding": "SQL_ASCII"},
        {"client_encoding": "EUC_TW"},
        {"default_transaction_isolation": "repeatable read"},
    ],
    ids=str,
)
def test_jobs_and_records_work_under_any_format_of_dates_and_texts(
    app: Application, rows: Rows, settings: dict[str, str]
) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs ADD pause INTERVAL DEFAULT '1 day 02:03:04'")
    types = (app.root / "Generated/Types.py").read_text()
    app.write("Generated/Types.py", types.replace('"what",', '"what",\n        "pause",', 1))
    set_for_database(rows, **settings)
    app.write_job(RECORDS, options="max_attempts = 1\n")
    [good, bad] = [*rows.insert(), *rows.insert("fail")]
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert rows.get(good).status == "job_status_succeeded", rows.get(good).last_error
    assert rows.get(bad).status == "job_status_failed"
    assert "Grüße 🎉" in rows.get(bad).last_error


@pytest.mark.parametrize(
    "settings",
    [
        {"statement_timeout": "1ms"},
        {"default_transaction_read_only": "on"},
        {"default_transaction_isolation": "serializable"},
        {"lock_timeout": "1ms", "idle_in_transaction_session_timeout": "1ms"},
        {"idle_session_timeout": "500ms"},
    ],
    ids=str,
)
def test_worker_claims_and_completes_whatever_limits_its_role_has(
    app: Application, rows: Rows, settings: dict[str, str]
) -> None:
    set_for_database(rows, **settings)
    app.write_job(EMPTY)
    worker = app.run_jobs("--heartbeat", "1")
    jobs = rows.insert(n=20)
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    lines = worker.wait_for_exit().splitlines()
    assert [line for line in lines if " INFO " not in line] == []


SERIALIZABLE = {
    "async": """
        ready = asyncio.Event()
        inside = []

        async def perform(self, job):
            from Generated.Types import Band
            async with job.transaction() as conn:
                await Band.create(conn, name=job.what)
                self.inside.append(job)
                if len(self.inside) == 8:
                    self.ready.set()
                await self.ready.wait()
    """,
    "sync": """
        from threading import Barrier
        barrier = Barrier(8)

        def perform(self, job):
            from Generated.Types import Band
            with job.transaction_sync() as conn:
                Band.create_sync(conn, name=job.what)
                self.barrier.wait(60)
    """,
}


@pytest.mark.parametrize("perform", SERIALIZABLE.values(), ids=SERIALIZABLE)
def test_serializable_transactions_of_jobs_do_not_conflict_by_their_success(
    app: Application, rows: Rows, perform: str
) -> None:
    set_for_database(rows, default_transaction_isolation="serializable")
    app.write_job(perform, options="max_attempts = 1\nmax_concurrency = 8\n")
    jobs = rows.insert(n=8)
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_serializable_transaction_that_changes_its_own_job_succeeds(
    app: Application, rows: Rows
) -> None:
    set_for_database(rows, default_transaction_isolation="serializable")
    app.write_job(
        """
        async def perform(self, job):
            async with job.transaction() as conn:
                await conn.execute("UPDATE probe_jobs SET what = 'moved' WHERE id = %s", [job.id])
        """,
        options="max_attempts = 1\n",
    )
    jobs = rows.insert()
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_settings_of_the_environment_do_not_reach_the_worker(app: Application, rows: Rows) -> None:
    app.env |= {
        "PGDATESTYLE": "German",
        "PGCLIENTENCODING": "LATIN1",
        "PGOPTIONS": "-c search_path=public -c statement_timeout=1ms -c TimeZone=Asia/Tokyo",
    }
    app.write_job("async def perform(self, job): print('zone', job.run_at.tzinfo)")
    rows.insert()
    assert "zone Asia/Tokyo" in app.start("run-jobs", "--drain").wait_for_exit()


def test_worker_takes_a_primary_that_is_read_only_for_its_database_among_several_hosts(
    app: Application, rows: Rows, app_database: str
) -> None:
    set_for_database(rows, default_transaction_read_only="on")
    host = str(conninfo_to_dict(app_database)["host"])
    app.env["DATABASE_URL"] = make_conninfo(app_database, host=f"{host},{host}")
    app.write_job(EMPTY)
    jobs = rows.insert(n=3)
    app.run_jobs("--heartbeat", "1")
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_server_that_is_read_only_as_a_whole_is_left_alone() -> None:
    with own_server() as server:
        with psycopg.connect(server.url, autocommit=True) as conn:
            conn.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            conn.execute("SELECT pg_reload_conf()")
            wait_for(lambda: is_read_only(server.url), "the setting holds")
        conninfo = worker_conninfo(server.url, role="work")
        with pytest.raises(psycopg.OperationalError, match="read_only is on in its configuration"):
            open_worker_session_sync(conninfo)


def is_read_only(url: str) -> bool:
    with psycopg.connect(url) as conn:
        return conn.info.parameter_status("default_transaction_read_only") == "on"
