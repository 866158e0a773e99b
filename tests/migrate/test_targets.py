"""Databases with settings, encodings, extensions and objects of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.migrate.command_line import Result, jobgen, make_project
from tests.migrate.dump import dump, entries, run_psql
from tests.migrate.servers import create_database, create_roles, install_runtime, server

pytestmark = pytest.mark.xdist_group("targets")

SETTINGS = {
    "formats": {
        "TimeZone": "'Europe/Berlin'",
        "DateStyle": "'SQL, DMY'",
        "IntervalStyle": "'sql_standard'",
        "bytea_output": "'escape'",
        "extra_float_digits": "0",
        "lc_monetary": "'C'",
        "xmloption": "'document'",
    },
    "names": {
        "quote_all_identifiers": "on",
        "search_path": "app, public",
        "role": "torture_role",
    },
    "statements": {
        "standard_conforming_strings": "off",
        "check_function_bodies": "off",
        "default_toast_compression": "'pglz'",
        "statement_timeout": "'10min'",
        "default_transaction_read_only": "off",
    },
}

OF_SETTINGS = r"""
CREATE TABLE moments (at timestamptz DEFAULT '2024-01-01 12:00',
    length interval DEFAULT '1 2:03:04',
    raw bytea DEFAULT decode('00ff', 'hex'), ratio float8 DEFAULT 0.1 + 0.2,
    CHECK (at > '2000-02-03')) PARTITION BY RANGE (at);
CREATE TABLE moments_1 PARTITION OF moments FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE VIEW recent AS SELECT at FROM moments WHERE at > '2023-04-05 06:07';
CREATE TABLE plain (id integer PRIMARY KEY, "order" text DEFAULT 'x');
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server of this file."""
    with server("embedded") as url:
        create_roles(url, ["torture_role"])
        yield url


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an empty Schema.sql."""
    return make_project(tmp_path / "project")


@pytest.fixture
def migrate(project: Path) -> Callable[..., Result]:
    """Return a function that writes Schema.sql and runs `jobgen migrate`."""

    def run(url: str, schema: str | None, *arguments: str) -> Result:
        if schema is not None:
            (project / "Application/Schema.sql").write_text(schema)
        return jobgen(project, "migrate", *arguments, url=url)

    return run


def _database(url: str, request: pytest.FixtureRequest, options: str = "", suffix: str = "") -> str:
    name = "".join(each if each.isalnum() else "_" for each in request.node.name)
    return create_database(url, name[-55:] + suffix, options)


HEADING = "Not done, for you to decide:"


@pytest.mark.parametrize("group", SETTINGS)
def test_settings_of_the_database_hold_while_it_is_migrated(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result], group: str
) -> None:
    by_migrate, by_psql = (_database(url, request, suffix=suffix) for suffix in ("_j", "_p"))
    for database in (by_migrate, by_psql):
        with psycopg.connect(database, autocommit=True) as conn:
            conn.execute("CREATE SCHEMA app")
            conn.execute("GRANT ALL ON SCHEMA app, public TO torture_role")
            for name, value in SETTINGS[group].items():
                set_value = f'ALTER DATABASE "{conn.info.dbname}" SET {name} = {value}'
                conn.execute(set_value.encode())
    install_runtime(by_psql)
    run_psql(by_psql, text=OF_SETTINGS)
    first = migrate(by_migrate, OF_SETTINGS, "--yes")
    assert first.code == 0, first.stderr
    assert entries(by_migrate) == entries(by_psql)
    for database in (by_migrate, by_psql):
        checked = migrate(database, None, "--check")
        assert _reported(checked) <= {"schema app: not in Schema.sql"}, checked.output
    longer = OF_SETTINGS + "CREATE TABLE later (at date DEFAULT '01/02/2024');"
    extended = migrate(by_psql, longer, "--yes")
    assert extended.code == 0, extended.output
    assert _reported(migrate(by_psql, None, "--check")) <= {"schema app: not in Schema.sql"}


def _reported(checked: Result) -> set[str]:
    """Return what a check found, without its headings."""
    lines = (line.strip() for line in checked.output.splitlines())
    return {line.removeprefix("-- ") for line in lines if line.startswith("-- ")} - {HEADING}


def test_latin1_database_gets_the_letters_of_the_file(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    options = "ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"
    database = _database(url, request, options)
    schema = (
        "CREATE TYPE mood AS ENUM ('fröhlich');CREATE TABLE t (name text DEFAULT 'Müller', m mood);"
    )
    first = migrate(database, schema, "--yes")
    assert first.code == 0, first.stderr
    with psycopg.connect(database, client_encoding="utf8") as conn:
        conn.execute("INSERT INTO t (m) VALUES ('fröhlich')")
        found = conn.execute("SELECT name, length(name), length(m::text) FROM t").fetchone()
    assert found == ("Müller", 6, 8)
    view = "CREATE VIEW v AS SELECT name AS größe FROM t;"
    again = migrate(database, schema + view, "--yes")
    assert again.code == 0, again.output
    assert migrate(database, None, "--check").code == 0


def test_sql_ascii_database_is_refused_with_a_way_out(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    options = "ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc"
    database = _database(url, request, options)
    result = migrate(database, "CREATE TABLE t ();", "--check")
    assert result.code == 1
    assert "SQL_ASCII" in result.stderr
    assert "hint:" in result.stderr


def test_rows_that_the_file_inserts_are_in_a_new_database(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    schema = (
        "CREATE TABLE t (a integer, b text);\nINSERT INTO t VALUES (1, 'x');\n"
        "COPY t (a, b) FROM stdin;\n2\ty;z\n3\t\\N\n\\.\n"
    )
    assert migrate(database, schema, "--yes").code == 0
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT a, b FROM t ORDER BY a").fetchall() == [
            (1, "x"),
            (2, "y;z"),
            (3, None),
        ]
    assert migrate(database, None, "--check").code == 0


def test_partitions_made_at_run_time_are_not_to_be_dropped(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    schema = "CREATE TABLE events (day date, note text) PARTITION BY RANGE (day);"
    assert migrate(database, schema, "--yes").code == 0
    run_psql(
        database,
        text="CREATE TABLE events_1 PARTITION OF events"
        " FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');"
        "INSERT INTO events VALUES ('2024-01-05', 'x')",
    )
    result = migrate(database, schema + "CREATE INDEX events_note ON events (note);", "--yes")
    assert result.code == 0, result.output
    assert "DROP TABLE" not in result.output
    assert migrate(database, None, "--check").code == 0


def test_invalid_index_of_an_interrupted_run_is_built_again(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    table = "CREATE TABLE t (a integer);"
    assert migrate(database, table, "--yes").code == 0
    run_psql(database, text="INSERT INTO t VALUES (1), (1)")
    schema = table + "CREATE UNIQUE INDEX t_a ON t (a);"
    failed = migrate(database, schema, "--yes")
    assert failed.code == 1
    assert "t_a" in failed.stderr
    run_psql(database, text="DELETE FROM t; INSERT INTO t VALUES (1), (2)")
    result = migrate(database, schema, "--yes")
    assert result.code == 0, result.output
    with psycopg.connect(database) as conn:
        found = conn.execute("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass")
        assert found.fetchall() == [(True,)]
    assert migrate(database, None, "--check").code == 0


def test_rename_is_shown_as_a_possible_one_and_nothing_is_added(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    before = (
        "CREATE TABLE posts (id integer PRIMARY KEY, txt text);"
        "CREATE TABLE old_name (a integer, b text, c date);"
    )
    after = before.replace("txt", "body").replace("old_name", "new_name")
    assert migrate(database, before, "--yes").code == 0
    run_psql(database, text="INSERT INTO posts VALUES (1, 'x'); INSERT INTO old_name VALUES (1)")
    result = migrate(database, after, "--yes")
    assert result.code == 3
    assert "RENAME COLUMN txt TO body" in result.output
    assert "RENAME TO new_name" in result.output
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT to_regclass('new_name')").fetchone() == (None,)
        assert conn.execute("SELECT txt FROM posts").fetchall() == [("x",)]
    run_psql(
        database,
        text="ALTER TABLE posts RENAME COLUMN txt TO body;ALTER TABLE old_name RENAME TO new_name",
    )
    assert migrate(database, None, "--check").code == 0


def test_drops_are_printed_only_if_asked_for_and_only_as_comments(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    kept = "CREATE TABLE kept (a integer);"
    assert migrate(database, kept + "CREATE TABLE gone (a integer, b text);", "--yes").code == 0
    plain = migrate(database, kept, "--dry-run")
    assert "gone" in plain.output
    assert "DROP TABLE" not in plain.output
    drops = migrate(database, kept, "--dry-run", "--with-drops")
    lines = [line for line in drops.output.splitlines() if "DROP TABLE" in line]
    assert lines
    assert all(line.startswith("--") for line in lines)


def test_files_of_write_are_run_by_psql_in_their_order(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result], project: Path
) -> None:
    database = _database(url, request)
    base = "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (a integer, m mood);"
    assert migrate(database, base, "--yes").code == 0
    run_psql(database, text="INSERT INTO t VALUES (1, 'a')")
    written = migrate(
        database,
        "SET check_function_bodies = off;"
        "CREATE TYPE mood AS ENUM ('a', 'b'); "
        "CREATE TABLE t (a integer CHECK (a > 0), m mood DEFAULT 'b');"
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM v';"
        "CREATE VIEW v AS SELECT a FROM t WHERE m <> 'b'; CREATE INDEX t_a ON t (a) WHERE m = 'b';"
        "CREATE TABLE u (id integer PRIMARY KEY); CREATE TABLE added (a integer REFERENCES u);",
        "--write",
        "changes",
    )
    assert written.code in (0, 3), written.output
    files = sorted((project / "Application/Migration").iterdir())
    assert files
    for file in files:
        run_psql(database, "-f", str(file))
    checked = migrate(database, None, "--check")
    reported = [line for line in checked.output.splitlines() if "differs" in line]
    # Only the new default is an alteration, which is never applied.
    assert (checked.code, reported) == (3, ["-- column t.m: differs"]), checked.output


def test_own_dump_with_the_objects_of_the_runtime_is_checked_clean(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    assert (
        migrate(database, "CREATE TABLE t (a varchar(9) CHECK (a IN ('x', 'y')));", "--yes").code
        == 0
    )
    checked = migrate(database, dump(database), "--check")
    assert checked.code == 0, checked.output


def test_addition_that_rewrites_a_large_table_waits_for_yes_block(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    assert (
        migrate(database, "CREATE TABLE t (a integer); CREATE TABLE s (a integer);", "--yes").code
        == 0
    )
    run_psql(
        database,
        text="INSERT INTO t SELECT generate_series(1, 10100); INSERT INTO s VALUES (1); ANALYZE",
    )
    wanted = (
        "CREATE TABLE t (a integer, b uuid DEFAULT gen_random_uuid());"
        "CREATE TABLE s (a integer, b uuid DEFAULT gen_random_uuid());"
    )
    left = migrate(database, wanted, "--yes")
    assert left.code == 3, left.output
    assert "t.b" in left.output
    with psycopg.connect(database) as conn:
        columns = (
            "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'b' AND attnum > 0"
        )
        assert conn.execute(columns.encode()).fetchall() == [("s",)]
    assert migrate(database, wanted, "--yes", "--yes-block").code == 0
    assert migrate(database, None, "--check").code == 0


@pytest.fixture(scope="module")
def old_url() -> Iterator[str]:
    """The address of a server of an older version, with extensions that the embedded one lacks."""
    with server("old") as url:
        yield url


def test_extension_that_only_the_target_has_is_no_obstacle(
    old_url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(old_url, request)
    run_psql(database, text="CREATE EXTENSION xml2; CREATE EXTENSION pageinspect SCHEMA pg_catalog")
    schema = "CREATE TABLE t (a integer);"
    first = migrate(database, schema, "--yes")
    assert first.code == 0, first.output
    assert migrate(database, None, "--check").code == 0


def test_extension_that_the_scratch_server_lacks_is_explained(
    old_url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(old_url, request)
    run_psql(database, text="CREATE TABLE filled (a integer)")
    result = migrate(database, "CREATE EXTENSION xml2; CREATE TABLE filled (a integer);", "--check")
    assert result.code == 1
    assert "xml2" in result.stderr
    assert "[tool.jobgen.postgres]" in result.stderr


def test_role_that_may_neither_create_databases_nor_roles_migrates_its_own(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    create_roles(url, ["torture_plain"])
    database = _database(url, request, "OWNER torture_plain")
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("ALTER ROLE torture_plain LOGIN")
    own = make_conninfo(database, user="torture_plain")
    schema = "CREATE TABLE t (a integer PRIMARY KEY);"
    for text in (schema, schema + "CREATE TABLE u (a integer REFERENCES t);"):
        result = migrate(own, text, "--yes")
        assert result.code == 0, result.output
    assert migrate(own, None, "--check").code == 0
