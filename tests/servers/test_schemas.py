"""Job tables and the runtime's objects in schemas other than public."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import Job, install_schema_sync
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.dashboard.sites import DashboardSite
from tests.support.application import Application, application
from tests.support.database import install_app_schema, temporary_database
from tests.support.rows import Rows
from tests.support.schema import APP_SCHEMA
from tests.support.shop_types import ProbeJob
from tests.support.sleeping_workers import wait_until_asleep


class OddProbeJob(ProbeJob):
    """The record that `jobgen types` generates if Schema.sql names the table with its schema."""

    __table__ = replace(ProbeJob.__table__, schema="Odd jobs")


class OddProbe(Job[OddProbeJob]):
    def perform(self, job: OddProbeJob) -> None: ...


BY_OPTIONS = "options of the address"
BY_ROLE = "a role's search_path"
QUALIFIED = "Table(schema=...)"


@pytest.fixture(params=[BY_OPTIONS, BY_ROLE, QUALIFIED])
def way(request: pytest.FixtureRequest) -> str:
    """The way in which the tables in the schema "Odd jobs" are found."""
    return str(request.param)


@pytest.fixture
def app_database(server_url: str, way: str) -> Iterator[str]:
    """The application's address of a database whose tables are in the schema "Odd jobs".

    The schema public is empty, except with QUALIFIED: then it has the runtime's objects, as
    `install_schema` creates them by default.
    """
    role = f"odd_{uuid.uuid4().hex}"
    with temporary_database(server_url) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute('CREATE SCHEMA "Odd jobs"')
        in_schema = make_conninfo(url, options='-csearch_path="Odd\\ jobs"')
        if way == QUALIFIED:
            install_schema_sync(conn)
            with psycopg.connect(url, autocommit=True) as maker:
                maker.execute("""SET search_path = "Odd jobs", public""")
                maker.execute(APP_SCHEMA.encode())
            yield url
        else:
            install_app_schema(in_schema)
            if way == BY_OPTIONS:
                yield in_schema
            else:
                name = sql.Identifier(role)
                conn.execute(sql.SQL("CREATE ROLE {} LOGIN SUPERUSER").format(name))
                conn.execute(sql.SQL('ALTER ROLE {} SET search_path = "Odd jobs"').format(name))
                yield make_conninfo(url, user=role)
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture
def app(tmp_path: Path, app_database: str, way: str) -> Iterator[Application]:
    with application(tmp_path, app_database) as made:
        if way == QUALIFIED:
            types = made.root / "Generated/Types.py"
            text = types.read_text()
            text = text.replace('key=("id",),', 'key=("id",), schema="Odd jobs",')
            types.write_text(text)
        yield made


@pytest.fixture
def rows(app_database: str) -> Iterator[Rows]:
    table = Rows(app_database)
    table.conn.execute("""SET search_path = "Odd jobs", public""")
    yield table
    table.close()


def test_workers_and_records_find_tables_of_another_schema(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from Generated.Types import Band, Color
            if job.attempts_count == 1:
                raise ValueError("once")
            async with job.transaction() as conn:
                band = await Band.create(conn, name="in", color=Color.RED)
            assert (await Band.get(band.id)).color is Color.RED
        """
    )
    [orphan] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = gen_random_uuid(),"
        " locked_at = now(), attempts_count = 1"
    )
    app.run_jobs("--poll", "600")
    rows.wait_for_status([orphan], "succeeded", attempts=2)
    wait_until_asleep(rows.conn, 1, "Odd jobs.probe_jobs")
    rows.wait_for_status(rows.insert(), "succeeded", attempts=2)
    # Its trigger is recreated in the schema of the table, with the function of the runtime's.
    rows.conn.execute("DROP TRIGGER probe_jobs_wake_on_insert ON probe_jobs")
    app.start("run-jobs", "--poll", "0.3").wait_for_line("recreated wake triggers")


def test_dashboard_shows_and_changes_jobs_of_another_schema(
    app_database: str, rows: Rows, way: str
) -> None:
    [job] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_failed'")
    listed = {"jobs": [OddProbe]} if way == QUALIFIED else {}
    name = "Odd jobs.probe_jobs" if way == QUALIFIED else "probe_jobs"
    with DashboardSite(conninfo=app_database, **listed) as site:
        assert str(job) in site.get("/jobs/ListJob", params={"tableName": name}).text
        site.post("/jobs/RetryJob", {"tableName": name, "id": str(job)})
        rows.wait_for_status([job], "not_started")
        site.post("/jobs/DeleteJob", {"tableName": name, "id": str(job)})
    assert rows.get(job) is None


def test_table_of_another_schemas_runtime_is_refused(server_url: str, tmp_path: Path) -> None:
    with temporary_database(server_url) as url:
        install_app_schema(url)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("CREATE SCHEMA other")
            conn.execute("SET search_path = other")
            install_schema_sync(conn)
        with application(tmp_path, make_conninfo(url, options="-csearch_path=other,public")) as app:
            output = app.start("run-jobs").wait_for_exit(1)
    assert "The status of probe_jobs is not of the type job_status" in output
    assert "search_path" in output


@pytest.mark.parametrize("path", ["jobs", "public"])
def test_migrate_creates_tables_in_the_schema_of_schema_sql_or_the_search_path(
    server_url: str, tmp_path: Path, path: str
) -> None:
    schema = APP_SCHEMA
    with temporary_database(server_url) as url:
        if path == "jobs":
            with psycopg.connect(url, autocommit=True) as conn:
                conn.execute("CREATE SCHEMA jobs")
        else:
            for before in ("TABLE", "ON"):
                schema = schema.replace(f"{before} probe_jobs", f"{before} jobs.probe_jobs")
            schema = f"CREATE SCHEMA jobs;\n{schema}"
        address = make_conninfo(url, options=f"-csearch_path={path}")
        with application(tmp_path, address) as app:
            app.write("Application/Schema.sql", schema)
            # A table of another schema has its name in the class.
            records = '[tool.jobgen.records]\n"jobs.probe_jobs" = "ProbeJob"\n'
            app.write("pyproject.toml", f"[tool.jobgen]\n{records if path == 'public' else ''}")
            app.start("jobgen", "migrate").wait_for_exit()
            app.start("jobgen", "types", "--yes", "--force").wait_for_exit()
            with psycopg.connect(url, autocommit=True) as conn:
                query = "SELECT schemaname FROM pg_tables WHERE tablename = %s"
                assert conn.execute(query, ("job_workers",)).fetchall() == [(path,)]
                conn.execute("INSERT INTO jobs.probe_jobs DEFAULT VALUES")
            assert "ran" in app.start("run-jobs", "--drain").wait_for_exit()
            assert "Nothing to do" in app.start("jobgen", "migrate").wait_for_exit()
