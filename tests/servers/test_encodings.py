"""Databases whose encoding is not UTF-8."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.dashboard.sites import DashboardSite
from tests.support.application import application
from tests.support.database import install_app_schema, temporary_database
from tests.support.rows import Rows

FAILS = """
async def perform(self, job):
    if job.what == "fail":
        raise ValueError("Grüße 日本 🎉…🎉")
"""


def make_database(server_url: str, url: str, encoding: str, *, schema: bool = True) -> None:
    """Create the database of `url` again, with that encoding."""
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {}").format(name))
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C' ENCODING {}").format(
                name, sql.Literal(encoding)
            )
        )
    if schema:
        install_app_schema(make_conninfo(url, client_encoding="utf8"))


@pytest.fixture
def url(server_url: str) -> Iterator[str]:
    """The conninfo of a database that the test gives an encoding."""
    with temporary_database(server_url) as url:
        yield url


@pytest.mark.parametrize(
    ("encoding", "stored"),
    [
        ("LATIN1", r"Grüße \u65e5\u672c \U0001f389\u2026\U0001f389"),
        ("WIN1252", r"Grüße \u65e5\u672c \U0001f389…\U0001f389"),
        ("EUC_JP", r"Grüße 日本 \U0001f389…\U0001f389"),
        ("EUC_TW", r"Gr\xfc\xdfe 日本 \U0001f389…\U0001f389"),
    ],
)
def test_worker_and_dashboard_work_with_a_database_in_another_encoding(
    server_url: str, url: str, tmp_path: Path, encoding: str, stored: str
) -> None:
    make_database(server_url, url, encoding)
    rows = Rows(make_conninfo(url, client_encoding="utf8"))
    [good, bad] = [*rows.insert(), *rows.insert("fail")]
    with application(tmp_path, url) as app:
        app.write_job(FAILS, options="max_attempts = 1\n")
        app.start("run-jobs", "--drain").wait_for_exit(1)
    assert rows.get(good).status == "job_status_succeeded"
    assert rows.get(bad).status == "job_status_failed"
    assert rows.get(bad).last_error.endswith(stored)
    rows.close()
    with DashboardSite(conninfo=url) as site:
        pages = [site.get("/jobs/ListJobs"), site.get("/jobs/ListJob?tableName=probe_jobs")]
        pages.append(site.get(f"/jobs/ViewJob?tableName=probe_jobs&id={bad}"))
        assert [page.status_code for page in pages] == [200, 200, 200]
        assert r"\U0001f389" in pages[-1].text
        form = {"tableName": "probe_jobs", "what": "🎉"}
        assert site.post("/jobs/CreateJob", form).status_code < 500


def test_sql_ascii_is_refused_by_name_by_every_command(
    server_url: str, url: str, tmp_path: Path
) -> None:
    make_database(server_url, url, "SQL_ASCII")
    with application(tmp_path, url) as app:
        started = app.start("run-jobs").wait_for_exit(1)
        checked = app.start("run-jobs", "--check").wait_for_exit(3)
        app.write("Application/Schema.sql", "CREATE TABLE t (a INT);\n")
        migrated = [
            app.start("jobgen", "migrate", "--yes").wait_for_exit(1),
            app.start("jobgen", "migrate", "--check").wait_for_exit(1),
        ]
    for output in (started, checked, *migrated):
        assert "SQL_ASCII (server_encoding)" in output
        assert "UTF8" in output
        assert "Traceback" not in output


def test_encoding_without_a_conversion_to_utf8_is_refused_at_the_start(
    server_url: str, tmp_path: Path, url: str
) -> None:
    make_database(server_url, url, "MULE_INTERNAL", schema=False)
    with application(tmp_path, url) as app:
        app.write("Application/Schema.sql", "")
        for command in (("run-jobs",), ("run-jobs", "--check"), ("jobgen", "migrate", "--check")):
            output = app.start(*command).wait_for_exit(1)
            assert "conversion between" in output
            assert "Traceback" not in output


def test_migration_from_a_client_of_another_encoding(database: str, tmp_path: Path) -> None:
    with application(tmp_path, database) as app:
        app.env["PGCLIENTENCODING"] = "LATIN1"
        app.write("Application/Schema.sql", "CREATE TABLE t (a TEXT DEFAULT 'Łódź 🎉');\n")
        app.start("jobgen", "migrate", "--yes").wait_for_exit()
        app.start("jobgen", "migrate", "--check").wait_for_exit()
    with psycopg.connect(database) as conn:
        assert conn.execute("INSERT INTO t DEFAULT VALUES RETURNING a").fetchone() == ("Łódź 🎉",)
