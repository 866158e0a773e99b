"""Commands that only read change nothing on the server, whatever Schema.sql says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobgen.postgres.account import server_account
from jobgen.postgres.embedded import embedded_binaries
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

HOSTILE = """
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
ALTER DEFAULT PRIVILEGES FOR ROLE torture_one GRANT SELECT ON TABLES TO torture_two;
ALTER TABLE customers OWNER TO torture_one;
ALTER SCHEMA public OWNER TO torture_two;
SET ROLE torture_one;
RESET ROLE;
SET SESSION AUTHORIZATION torture_one;
RESET SESSION AUTHORIZATION;
LOCK TABLE customers IN SHARE MODE;
LISTEN torture;
SELECT pg_notify('torture', 'x');
SELECT lo_create(4711);
CREATE SUBSCRIPTION copy CONNECTION 'ADDRESS' PUBLICATION other;
DO $$ BEGIN EXECUTE 'CREATE SUBSCRIPTION copy CONNECTION ''ADDRESS'' PUBLICATION other
    WITH (create_slot = false, slot_name = ''kept_slot'')';
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
CREATE EXTENSION IF NOT EXISTS dblink;
SELECT dblink_exec('ADDRESS', 'CREATE TABLE made_by_dblink ()');
DO $$ BEGIN PERFORM dblink_exec('ADDRESS', 'CREATE ROLE torture_seven');
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN PERFORM dblink_exec('dbname=shop', 'CREATE ROLE torture_eight');
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SERVER shop FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host 'HOST', dbname 'shop', gssencmode 'disable');
CREATE USER MAPPING FOR PUBLIC SERVER shop OPTIONS (user 'postgres');
CREATE FOREIGN TABLE remote (id integer, name text) SERVER shop OPTIONS (table_name 'customers');
INSERT INTO remote VALUES (2, 'b');
IMPORT FOREIGN SCHEMA public LIMIT TO (customers) FROM SERVER shop INTO pg_temp;
COPY customers FROM PROGRAM 'touch FOLDER/written';
DO $$ BEGIN EXECUTE 'COPY customers FROM PROGRAM
    ''env -i "PSQL" "ADDRESS" -c "CREATE TABLE made_by_program ()"''';
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT 'ALTER SYSTEM SET work_mem = ''10MB''' \\gexec
SELECT format('DO $do$ BEGIN PERFORM dblink_exec(%L, %L); END $do$',
    'ADDRESS', 'CREATE ROLE torture_nine') \\gexec
DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO ''FOLDER/written''';
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN PERFORM lo_export(lo_from_bytea(0, 'x'), 'FOLDER/written');
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN PERFORM pg_read_file('FOLDER/PG_VERSION'), pg_rotate_logfile(), pg_promote(false);
    EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT pg_cancel_backend(PID), pg_terminate_backend(PID);
"""
"""Statements that reach beyond the database in which they run.

ADDRESS is that of the database, which asks for no password, HOST and FOLDER are the folders of its
server's socket and data, and PID is the process of a session on it.
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The address of a filled database, on a separate server with roles that have rights."""
    with server("embedded") as url:
        roles = ("torture_one", "torture_two", "torture_unused", "torture_reading")
        create_roles(url, roles)
        create_database(url, "bystander")
        database = create_database(url, "shop")
        install_runtime(database)
        run_psql(database, text=TABLES + FILLED)
        yield database


def _hostile(conn: psycopg.Connection[tuple[object, ...]]) -> str:
    """Return a Schema.sql that reaches for the database of the connection."""
    (folder,) = conn.execute("SHOW data_directory").fetchone() or ("",)
    words = {
        "ADDRESS": f"host={conn.info.host} dbname=shop user=postgres gssencmode=disable",
        "HOST": conn.info.host,
        "FOLDER": str(folder),
        "PID": str(conn.info.backend_pid),
        "PSQL": str(embedded_binaries(server_account()).program("psql")),
    }
    text = TABLES + HOSTILE
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _state(url: str) -> dict[str, object]:
    """Return everything that a statement could have changed on the server."""
    queries = {
        "settings": "SELECT name, setting, sourcefile FROM pg_file_settings ORDER BY 1, 2",
        "slots": "SELECT slot_name FROM pg_replication_slots ORDER BY 1",
        "files": "SELECT name FROM pg_ls_dir('.') AS name ORDER BY 1",
        "large objects": "SELECT oid FROM pg_largeobject_metadata ORDER BY 1",
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
    with psycopg.connect(shop) as conn:
        project = make_project(tmp_path / "project", _hostile(conn))
        before = _state(shop)
        result = jobgen(project, *arguments, url=shop)
        assert _state(shop) == before
        assert conn.execute("SELECT count(*) FROM customers").fetchone() == (1,)
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


def test_file_that_ends_sessions_ends_no_other_than_its_own(shop: str, tmp_path: Path) -> None:
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid {} pg_backend_pid();"
    of_others = make_project(tmp_path / "others", f"{TABLES}{ends.format('<>')}\n")
    of_itself = make_project(tmp_path / "itself", f"{TABLES}{ends.format('=')}\n")
    with psycopg.connect(shop) as conn:
        harmless = jobgen(of_others, "migrate", "--check", url=shop)
        refused = jobgen(of_itself, "migrate", "--check", url=shop)
        assert conn.execute("SELECT count(*) FROM customers").fetchone() == (1,)
    assert harmless.code == 3, harmless.stderr
    assert refused.code == 1
    assert "Application/Schema.sql:2" in refused.stderr
    assert "terminating connection" in refused.stderr


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
