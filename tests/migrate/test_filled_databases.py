"""`jobgen migrate` on a database that has objects already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.migrate.command_line import Result
from tests.migrate.dump import dump, run_psql


def test_rows_that_the_file_inserts_are_in_a_new_database(
    database: str, migrate: Callable[..., Result]
) -> None:
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
    database: str, migrate: Callable[..., Result]
) -> None:
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
    assert "-- This reads the whole table public.events, and blocks writes" in result.output
    assert migrate(database, None, "--check").code == 0


def test_invalid_index_of_an_interrupted_run_is_built_again(
    database: str, migrate: Callable[..., Result]
) -> None:
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
    database: str, migrate: Callable[..., Result]
) -> None:
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
    database: str, migrate: Callable[..., Result]
) -> None:
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
    database: str, migrate: Callable[..., Result], project: Path
) -> None:
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
    database: str, migrate: Callable[..., Result]
) -> None:
    assert (
        migrate(database, "CREATE TABLE t (a varchar(9) CHECK (a IN ('x', 'y')));", "--yes").code
        == 0
    )
    checked = migrate(database, dump(database), "--check")
    assert checked.code == 0, checked.output


def test_addition_that_rewrites_a_large_table_waits_for_yes_block(
    database: str, migrate: Callable[..., Result]
) -> None:
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
    assert "-- column t.b: rewrites the whole table public.t" in left.output
    rewrites = (
        "-- This rewrites the whole table public.{0}, and blocks writes meanwhile.\nALTER TABLE"
    )
    assert rewrites.format("s") in left.stdout
    assert rewrites.format("t") not in left.stdout
    with psycopg.connect(database) as conn:
        columns = (
            "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'b' AND attnum > 0"
        )
        assert conn.execute(columns.encode()).fetchall() == [("s",)]
    blocking = migrate(database, wanted, "--yes", "--yes-block")
    assert blocking.code == 0
    assert rewrites.format("t") in blocking.stdout
    assert migrate(database, None, "--check").code == 0
