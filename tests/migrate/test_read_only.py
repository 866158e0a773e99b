"""Commands that only read change nothing on the server, whatever Schema.sql says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobgen.postgres.system_folders import short_temporary_folder
from tests.migrate.command_line import jobgen, make_project
from tests.migrate.dump import dump_of_server, run_psql
from tests.migrate.servers import create_database, create_roles, install_runtime, server

pytestmark = pytest.mark.xdist_group("read_only")

TABLES = "CREATE TABLE customers (id integer PRIMARY KEY, name text);\n"

FILLED = """
INSERT INTO customers VALUES (1, 'a');
GRANT CONNECT ON DATABASE shop TO torture_two, torture_reading;
GRANT SELECT ON customers TO torture_two;
ALTER DATABASE shop SET statement_timeout = '1h';
CREATE TABLE of_one ();
ALTER TABLE of_one OWNER TO torture_one;
"""

HOSTILE = f"""
{TABLES}
REASSIGN OWNED BY torture_one TO torture_two;
DROP OWNED BY torture_two;
REVOKE CONNECT, TEMPORARY ON DATABASE shop FROM PUBLIC;
GRANT CREATE ON DATABASE shop TO torture_one;
GRANT torture_one TO torture_two;
COMMENT ON DATABASE shop IS 'changed';
COMMENT ON ROLE torture_one IS 'changed';
CREATE ROLE torture_three;
CREATE /* a comment */ USER torture_four PASSWORD 'secret';
ALTER ROLE torture_one CREATEDB PASSWORD 'secret';
ALTER ROLE torture_one SET work_mem = '5MB';
ALTER ROLE torture_one IN DATABASE shop SET work_mem = '6MB';
ALTER DATABASE shop SET work_mem = '7MB';
ALTER DATABASE shop CONNECTION LIMIT 7;
ALTER DATABASE shop OWNER TO torture_two;
ALTER SYSTEM SET work_mem = '8MB';
SELECT pg_reload_conf();
CREATE DATABASE torture_other;
DROP DATABASE IF EXISTS bystander;
DROP ROLE IF EXISTS torture_unused;
NOTIFY torture, 'x';
SELECT pg_create_physical_replication_slot('torture_slot');
DO $$ BEGIN CREATE ROLE torture_five; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN EXECUTE 'ALTER DATABASE shop SET work_mem = ''9MB''';
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN EXECUTE 'COMMENT ON DATABASE shop IS ''changed''';
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN EXECUTE 'GRANT torture_one TO torture_unused';
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
CREATE FUNCTION make_role() RETURNS void LANGUAGE plpgsql AS 'BEGIN CREATE ROLE torture_six; END';
SELECT make_role();
CREATE EXTENSION IF NOT EXISTS dblink;
DO $$ BEGIN PERFORM dblink_exec('dbname=shop', 'CREATE TABLE made_by_dblink ()');
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN PERFORM dblink_exec('dbname=shop user=postgres', 'CREATE ROLE torture_seven');
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
ALTER DEFAULT PRIVILEGES FOR ROLE torture_one GRANT SELECT ON TABLES TO torture_two;
ALTER TABLE customers OWNER TO torture_one;
ALTER SCHEMA public OWNER TO torture_two;
SET ROLE torture_one;
RESET ROLE;
SET SESSION AUTHORIZATION torture_one;
RESET SESSION AUTHORIZATION;
LOCK TABLE customers IN SHARE MODE;
"""
"""Statements that reach beyond the database in which they run."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The address of a filled database, on a server of its own with roles that have rights."""
    with server("embedded") as url:
        roles = ("torture_one", "torture_two", "torture_unused", "torture_reading")
        create_roles(url, roles)
        create_database(url, "bystander")
        database = create_database(url, "shop")
        install_runtime(database)
        run_psql(database, text=TABLES + FILLED)
        yield database


def _state(url: str) -> dict[str, object]:
    """Return whatever a statement could have changed on the server."""
    queries = {
        "settings": "SELECT name, setting, sourcefile FROM pg_file_settings ORDER BY 1, 2",
        "slots": "SELECT slot_name FROM pg_replication_slots ORDER BY 1",
        "comments": "SELECT classoid::regclass::text, objoid, description FROM pg_shdescription"
        " ORDER BY 1, 2",
        "databases": "SELECT datname, datdba, datacl::text, datconnlimit FROM pg_database"
        " ORDER BY 1",
        "members": "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
        " ORDER BY 1, 2",
        "rows": "SELECT id, name FROM customers ORDER BY 1",
    }
    with psycopg.connect(url) as conn:
        state: dict[str, object] = {
            name: conn.execute(query.encode()).fetchall() for name, query in queries.items()
        }
    return state | {"dump": dump_of_server(url)}


@pytest.mark.parametrize(
    "arguments",
    [
        ("migrate", "--check"),
        ("migrate", "--dry-run"),
        ("migrate", "--write", "changes"),
        ("types", "--check"),
    ],
    ids=" ".join,
)
def test_command_that_only_reads_leaves_the_server_as_it_is(
    shop: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    project = make_project(tmp_path / "project", HOSTILE)
    before = _state(shop)
    result = jobgen(project, *arguments, url=shop)
    after = _state(shop)
    assert after == before
    assert result.code in (0, 3), result.stderr


@pytest.mark.parametrize(
    "line",
    [
        "\\! touch {marker}",
        "\\o {marker}",
        "\\copy customers TO '{marker}'",
        "COPY customers TO '{marker}';",
        "COPY (SELECT 1) TO PROGRAM 'touch {marker}';",
    ],
)
def test_check_writes_no_file_that_schema_names(shop: str, tmp_path: Path, line: str) -> None:
    # Not in `tmp_path`, which the server's account cannot enter.
    with tempfile.TemporaryDirectory(dir=short_temporary_folder()) as folder:
        Path(folder).chmod(0o777)
        marker = Path(folder) / "marker"
        project = make_project(tmp_path / "project", f"{TABLES}{line.format(marker=marker)}\n")
        jobgen(project, "migrate", "--check", url=shop)
        assert not marker.exists()


def test_check_needs_only_the_right_to_read(shop: str, tmp_path: Path) -> None:
    with psycopg.connect(shop, autocommit=True) as conn:
        conn.execute("ALTER ROLE torture_reading LOGIN")
        conn.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO torture_reading")
        conn.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO torture_reading")
    project = make_project(tmp_path / "project", TABLES + "CREATE TABLE of_one ();")
    reader = psycopg.conninfo.make_conninfo(shop, user="torture_reading")
    same = jobgen(project, "migrate", "--check", url=reader)
    assert same.code == 0, same.output
    (project / "Application/Schema.sql").write_text(TABLES + "CREATE TABLE more ();")
    different = jobgen(project, "migrate", "--check", url=reader)
    assert different.code == 3, different.output
    assert "table more" in different.stdout
