"""Databases with other settings, encodings, extensions and objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.migrate.command_line import Result
from tests.migrate.dump import dump, entries, run_psql
from tests.migrate.servers import create_database, create_roles, install_runtime, server

pytestmark = pytest.mark.xdist_group("targets")

SETTINGS = {
    "formats and statements": {
        "TimeZone": "'Europe/Berlin'",
        "DateStyle": "'SQL, DMY'",
        "IntervalStyle": "'sql_standard'",
        "bytea_output": "'escape'",
        "extra_float_digits": "0",
        "lc_monetary": "'C'",
        "xmloption": "'document'",
        "standard_conforming_strings": "off",
        "check_function_bodies": "off",
        "default_toast_compression": "'pglz'",
        "statement_timeout": "'10min'",
        "default_transaction_read_only": "off",
    },
    "names": {
        "quote_all_identifiers": "on",
        "search_path": "app, public",
        "role": "torture_role",
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


def _database(url: str, request: pytest.FixtureRequest, options: str = "", suffix: str = "") -> str:
    name = "".join(each if each.isalnum() else "_" for each in request.node.name)
    return create_database(url, name[-55:] + suffix, options)


HEADINGS = {
    "Not done, for you to decide:",
    "Not compared: owners, grants, comments and rows.",
}


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
    # A reload changes the text of the CHECK.
    later = "CREATE TABLE later (at date DEFAULT '01/02/2024', s varchar CHECK (s IN ('', 'a')));"
    longer = OF_SETTINGS + later
    extended = migrate(by_psql, longer, "--yes")
    assert extended.code == 0, extended.output
    assert _reported(migrate(by_psql, None, "--check")) <= {"schema app: not in Schema.sql"}


def _reported(checked: Result) -> set[str]:
    """Return what a check found, without its headings."""
    lines = (line.strip() for line in checked.output.splitlines())
    return {line.removeprefix("-- ") for line in lines if line.startswith("-- ")} - HEADINGS


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


@pytest.fixture(scope="module")
def old_url() -> Iterator[str]:
    """The address of an older server, with extensions that the embedded one does not have."""
    with server("old") as url:
        yield url


def test_extension_that_only_the_target_has_is_accepted(
    old_url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(old_url, request)
    run_psql(database, text="CREATE EXTENSION xml2; CREATE EXTENSION pageinspect SCHEMA pg_catalog")
    schema = "CREATE TABLE t (a integer);"
    first = migrate(database, schema, "--yes")
    assert first.code == 0, first.output
    assert migrate(database, None, "--check").code == 0


def test_extension_that_is_missing_on_the_scratch_server_is_explained(
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


def test_subscriptions_and_security_labels_are_named_and_left_as_they_are(
    url: str, request: pytest.FixtureRequest, migrate: Callable[..., Result]
) -> None:
    database = _database(url, request)
    run_psql(
        database,
        text="CREATE TABLE t (a integer);"
        " CREATE SUBSCRIPTION kept CONNECTION 'host=/nowhere' PUBLICATION p"
        " WITH (connect = false);"
        # As the provider of an installed server would have written it.
        " INSERT INTO pg_seclabel VALUES ('t'::regclass, 'pg_class'::regclass, 0, 'own', 'x')",
    )
    assert "SECURITY LABEL FOR own" in dump(database)
    schema = (
        "CREATE TABLE t (a integer);\nSECURITY LABEL FOR own ON TABLE t IS 'y';\n"
        "CREATE SUBSCRIPTION other CONNECTION 'host=/nowhere' PUBLICATION p;\n"
        "CREATE TABLE u (a integer);\nSECURITY LABEL FOR own ON TABLE u IS 'x';\n"
    )
    before = entries(database)
    result = migrate(database, schema, "--yes")
    assert result.code == 0, result.output
    for number, statement in ((2, "SECURITY LABEL"), (3, "CREATE SUBSCRIPTION"), (5, "SECURITY")):
        assert f"Application/Schema.sql:{number}: {statement}" in result.stderr
    after = entries(database)
    assert "CREATE TABLE public.u" in after.pop("Name: u; Type: TABLE; Schema: public")
    assert {key: text for key, text in after.items() if key in before} == before
    assert migrate(database, None, "--check").code == 0
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("ALTER SUBSCRIPTION kept SET (slot_name = NONE)")
        conn.execute("DROP SUBSCRIPTION kept")
