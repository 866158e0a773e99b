"""The databases of tests: copies of a template, next to others, and dropped also after a crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime.database import database_url
from jobgen_runtime.testing import NoTestDatabase, TestingError, drain_sync, enqueued_sync
from jobgen_runtime.testing.databases import PREFIX, TestDatabases, end_sessions
from jobgen_runtime.testing.isolation import fresh_database
from jobgen_runtime.testing.schema import create_tables
from jobgen_runtime.testing.server import find_server
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import UndefinedTable

from tests.support.kit_jobs import Band, Play, PlayJob
from tests.support.waiting import wait_for


def names(server_url: str) -> set[str]:
    with psycopg.connect(server_url, autocommit=True) as conn:
        found = conn.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in found if name.startswith(PREFIX)}


@pytest.fixture
def create_notes() -> Callable[[str], object]:
    def create(url: str) -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("CREATE TABLE notes (text TEXT)")

    return create


def test_each_test_has_a_fresh_database_that_records_use(jobgen_database: str) -> None:
    PlayJob._create_sync(None, {"what": "a"})

    assert database_url() == jobgen_database
    with psycopg.connect(jobgen_database) as conn:
        assert conn.execute("SELECT COUNT(*) FROM play_jobs").fetchone() == (1,)


def test_next_test_finds_an_empty_table(jobgen_database: str) -> None:
    assert PlayJob.fetch_all_sync("SELECT * FROM play_jobs") == []
    assert Band.fetch_all_sync("SELECT * FROM bands") == []


def test_databases_are_dropped_with_sessions_that_a_test_left_open(
    server_url: str, create_notes: Callable[[str], object]
) -> None:
    with TestDatabases.on_server(server_url, create_notes) as databases:
        with fresh_database(databases) as url:
            left = psycopg.connect(url)
            left.execute("INSERT INTO notes VALUES ('not committed')")
            own = str(conninfo_to_dict(url)["dbname"])
            assert own in names(server_url)
        assert own not in names(server_url)
    left.close()
    run = own[: len(PREFIX) + 8]
    assert not any(name.startswith(run) for name in names(server_url))


def test_sessions_have_ended_before_their_database_is_dropped(
    server_url: str, database: str
) -> None:
    name = str(conninfo_to_dict(database)["dbname"])
    left = [psycopg.connect(database) for _ in range(10)]
    with psycopg.connect(server_url, autocommit=True) as conn:
        end_sessions(conn, name)
        # DROP DATABASE would look for them again after 100 ms.
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        assert conn.execute(query, [name]).fetchone() == (0,)
    for each in left:
        each.close()


def test_databases_of_a_killed_run_are_dropped_by_the_next_one(
    server_url: str, create_notes: Callable[[str], object]
) -> None:
    script = (
        "import os, sys\n"
        "from jobgen_runtime.testing.databases import TestDatabases\n"
        "from psycopg.conninfo import conninfo_to_dict\n"
        "with TestDatabases.on_server(sys.argv[1], lambda url: None) as databases:\n"
        "    with databases.fresh() as url:\n"
        "        print(conninfo_to_dict(url)['dbname'], flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, server_url], check=False, capture_output=True, text=True
    )
    left = killed.stdout.strip()
    assert left in names(server_url), killed.stderr

    def is_dropped() -> bool:
        # The lock of the killed run is released once the server notices that its client is gone.
        with TestDatabases.on_server(server_url, create_notes):
            return left not in names(server_url)

    with TestDatabases.on_server(server_url, create_notes) as databases, databases.fresh() as alive:
        wait_for(is_dropped, f"{left} is dropped")
        assert conninfo_to_dict(alive)["dbname"] in names(server_url)


def test_role_without_the_right_to_create_databases_is_told_what_to_do(
    server_url: str, make_role: Callable[[], str]
) -> None:
    role = make_role()
    url = make_conninfo(server_url, user=role)

    with (
        pytest.raises(NoTestDatabase, match=rf"(?s){role} may not create.*ALTER ROLE .* CREATEDB"),
        TestDatabases.on_server(url, lambda _: None),
    ):
        pass


def test_server_that_does_not_answer_is_named_without_its_password() -> None:
    with (
        pytest.raises(NoTestDatabase, match="cannot be reached: database shop on ") as caught,
        TestDatabases.on_server("postgresql://me:secret@127.0.0.1:1/shop", lambda _: None),
    ):
        pass
    assert "secret" not in str(caught.value)


def test_address_of_production_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    for url in (
        "postgresql://app@db.example.org/shop_production",
        "postgresql://prod@db.example.org/shop",
        "postgresql://app@prod-db.example.org/shop",
        "host=db.live.example.org dbname=shop",
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        with pytest.raises(NoTestDatabase, match="looks like that of a production"), find_server():
            pass
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db.example.org/products")
    with find_server() as url:
        assert url == "postgresql://app@db.example.org/products"
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql+psycopg://app@db.example.org/production")
    with find_server() as url:
        assert url == "postgresql://app@db.example.org/production"


def test_tables_of_no_project_and_of_models_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TestingError, match="There is no project"):
        create_tables(database)
    config = tmp_path / "pyproject.toml"
    config.write_text('[tool.jobgen]\nschema_source = "database"\n')
    with pytest.raises(TestingError, match="fixture jobgen_create_tables"):
        create_tables(database)
    config.write_text("[tool.jobgen]\n")
    with pytest.raises(TestingError, match=r"There is no Application/Schema\.sql"):
        create_tables(database)
    (tmp_path / "Application").mkdir()
    schema = tmp_path / "Application/Schema.sql"
    schema.write_text("CREATE TABLE a (id INT);\nCREATE TABLE b (id NONSENSE);\n")
    with pytest.raises(TestingError, match=r"Schema\.sql.*nonsense"):
        create_tables(database)


def test_missing_table_of_a_job_is_explained(jobgen_databases: TestDatabases) -> None:
    with fresh_database(jobgen_databases) as url:
        with psycopg.connect(url) as conn:
            conn.execute("DROP TABLE play_jobs CASCADE")
        for call in (enqueued_sync, lambda kind: drain_sync(kinds=[kind])):
            with pytest.raises(UndefinedTable, match=r"(?s)play_jobs.*migrate"):
                call(Play)
