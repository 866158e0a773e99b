"""The runtime on the oldest and on the newest PostgreSQL of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.database.worker_connection import worker_session_settings
from jobgen_runtime.sql import read
from psycopg import sql

from tests.dashboard.sites import DashboardSite
from tests.support.application import Application
from tests.support.database import install_app_schema, temporary_database
from tests.support.million import START, Million
from tests.support.priorities import ADD_PRIORITY
from tests.support.rows import Rows
from tests.support.schema import APP_SCHEMA
from tests.support.sleeping_workers import wait_until_asleep

OLD = pytest.param("old_server_url", id="old", marks=pytest.mark.xdist_group("old_postgres"))
NEW = pytest.param("server_url", id="new")


@pytest.fixture(params=[OLD, NEW])
def empty(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database on each of the two servers."""
    with temporary_database(request.getfixturevalue(request.param)) as url:
        yield url


@pytest.fixture
def app_database(empty: str) -> str:
    install_app_schema(empty)
    return empty


def test_runtime_schema_can_be_installed_twice_and_creates_ids_in_order(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as conn:
        install_schema_sync(conn)
        install_schema_sync(conn)
        query = "SELECT uuidv7() FROM generate_series(1, 5000)"
        ids = [row[0] for row in conn.execute(query)]
    assert ids == sorted(set(ids))
    assert {id_.version for id_ in ids} == {7}


@pytest.mark.parametrize(
    "settings",
    [worker_session_settings(timedelta(minutes=1)), read("plan_by_index")],
    ids=["worker", "dashboard"],
)
def test_statements_that_are_planned_by_index_are_not_compiled(empty: str, settings: str) -> None:
    with psycopg.connect(empty) as conn:
        install_schema_sync(conn)
        conn.execute(settings.encode())
        [(plan,)] = conn.execute("EXPLAIN (FORMAT JSON) SELECT version FROM job_runtime_schema")
        assert plan[0].keys() == {"Plan"}


def test_outcomes_of_perform_lead_to_their_states(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from jobgen_runtime import Cancel, Snooze
            first = not os.path.exists(f"{job.what}.seen")
            open(f"{job.what}.seen", "w").close()
            if job.what == "cancel":
                raise Cancel("not wanted")
            if job.what == "fail" and first:
                raise ValueError("once")
            if job.what == "snooze" and first:
                raise Snooze(for_=timedelta(seconds=0.2))
            if job.what == "sleep":
                await asyncio.sleep(60)
        """,
        options="max_attempts = 2\ntimeout = timedelta(seconds=0.6)\n",
    )
    worker = app.run_jobs("--poll", "600")
    jobs = {what: rows.insert(what) for what in ("return", "fail", "snooze", "cancel", "sleep")}
    rows.wait_for_status(jobs["return"], "succeeded", attempts=1)
    rows.wait_for_status(jobs["fail"], "succeeded", attempts=2)
    rows.wait_for_status(jobs["snooze"], "succeeded", attempts=1)
    rows.wait_for_status(jobs["cancel"], "failed", attempts=1)
    rows.wait_for_status(jobs["sleep"], "timed_out", attempts=2)
    assert "ValueError: once" in rows.get(jobs["fail"][0]).last_error
    assert "Traceback (most recent call last)" not in "\n".join(worker.lines)


def test_worker_is_woken_by_an_insert_and_when_a_job_is_due(app: Application, rows: Rows) -> None:
    app.run_jobs("--poll", "600")
    wait_until_asleep(rows.conn, 1)
    [later] = rows.insert(run_at="now() + interval '1 second'")
    [now] = rows.insert()
    rows.wait_for_status([now, later], "succeeded")
    row = rows.get(later)
    assert row.updated_at >= row.run_at


@pytest.mark.parametrize(
    "option", ["global_concurrency = 1", "strict_order = True"], ids=["limit", "strict order"]
)
def test_jobs_run_one_at_a_time_in_order(app: Application, rows: Rows, option: str) -> None:
    app.write_job(
        """
        async def perform(self, job):
            with open("order", "a") as file:
                print(job.id, "begins", file=file)
                await asyncio.sleep(0.01)
                print(job.id, "ends", file=file)
        """,
        options=f"max_concurrency = 1\n{option}\n",
    )
    jobs = rows.insert(n=10)
    workers = 2 if "global" in option else 1
    for _ in range(workers):
        app.run_jobs("--poll", "600")
    rows.wait_for_status(jobs, "succeeded")
    lines = (app.root / "order").read_text().splitlines()
    assert lines == [f"{job} {what}" for job in jobs for what in ("begins", "ends")]


def test_statements_read_only_the_first_due_rows(app_database: str) -> None:
    with psycopg.connect(app_database, autocommit=True) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, 20000)")
        conn.execute(
            "INSERT INTO probe_jobs (run_at, locked_by, last_error)"
            " SELECT now() - n * interval '1 hour', gen_random_uuid(), 'died'"
            " FROM generate_series(1, 5) AS n"
        )
        conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
        table = Million(conn, "probe_jobs")
        known = {**START, "limit": 3, "searched": 50, "deaths": 1, "errors": ["died", "died 2"]}
        more = {"table_name": sql.Literal("probe_jobs")}
        assert table.read("suspects", known, **more).rows == 50
        assert table.read("claim_suspects", {**known, "deaths": 2}).rows == 50
        # Each of the three suspects once in order, and by its key to be locked and to be changed.
        assert table.read("claim_suspects", known).rows == 3 * 3
        oldest = (
            "SELECT status::TEXT FROM probe_jobs WHERE last_error = 'died' ORDER BY run_at LIMIT 4"
        )
        assert [status for (status,) in conn.execute(oldest)] == [
            *3 * ["job_status_running"],
            "job_status_not_started",
        ]
        # The two suspects that are left are passed over.
        assert table.read("lock_due", {**known, "deaths": 0}).rows == 2 + 3
        assert table.read("claim", known).rows == 2 + 2 * 3
        # The first row of all is a suspect: another index probe passes both.
        assert table.read("next_due", {}, **more).rows == 1 + 3


def test_statements_by_priority_read_their_rows_and_one_for_each_level(
    app_database: str,
) -> None:
    with psycopg.connect(app_database, autocommit=True) as conn:
        conn.execute(ADD_PRIORITY.encode())
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, 20000)")
        conn.execute(
            "INSERT INTO probe_jobs (run_at, priority)"
            " SELECT now() + interval '1 day', CASE WHEN n <= 5 THEN n ELSE 9 END"
            " FROM generate_series(1, 2000) AS n"
        )
        conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
        table = Million(conn, "probe_jobs", has_priority=True)
        parameters = {**START, "limit": 50, "searched": 50, "deaths": 1, "errors": ["died"]}
        for name, rows in (("claim", 100), ("lock_due", 50), ("claim_suspects", 50)):
            known = {**parameters, "deaths": 0} if name == "lock_due" else parameters
            assert rows <= table.read(name, known).rows <= rows + 7, name


def test_migrated_database_works_and_needs_no_second_migration(
    app: Application, empty: str
) -> None:
    with psycopg.connect(empty, autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
    app.write("Application/Schema.sql", APP_SCHEMA)
    app.start("jobgen", "migrate").wait_for_exit()
    with psycopg.connect(empty, autocommit=True) as conn:
        conn.execute("INSERT INTO probe_jobs DEFAULT VALUES")
    assert "ran" in app.start("run-jobs", "--drain").wait_for_exit()
    assert "Nothing to do" in app.start("jobgen", "migrate").wait_for_exit()


def test_dashboard_lists_and_shows_jobs(app_database: str, rows: Rows) -> None:
    [job] = rows.insert("shown")
    with DashboardSite(conninfo=app_database) as site:
        assert "Probe" in site.get("/jobs/ListJobs").text
        assert str(job) in site.get("/jobs/ListJob?tableName=probe_jobs").text
        address = f"/jobs/ViewJob?tableName=probe_jobs&id={job}"
        assert "shown" in site.get(address).text
