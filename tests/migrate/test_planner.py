"""Planning: dumps that are kept, and objects that cannot be copied."""

from __future__ import annotations

from pathlib import Path

import psycopg

from jobgen.migrate.planner import Planner
from jobgen.migrate.target import connected
from jobgen.postgres import scratch_server
from tests.migrate.databases import Database, schema_file

# A reload changes the text of its CHECK.
SCHEMA = "CREATE TABLE t (a varchar(9) CHECK (a IN ('x', 'y')));"


def test_planner_repeats_only_the_dumps_of_changed_sources(
    target: Database, tmp_path: Path
) -> None:
    target.migrate(SCHEMA)
    with scratch_server(tmp_path) as scratch, connected(target.url) as conn:
        planner = Planner(tmp_path, scratch_url=scratch)

        def written(schema: str) -> tuple[int, list[str]]:
            """Return how many transactions the scratch server wrote, and what is to be added."""
            before = _next_transaction(scratch)
            migration = planner.plan(conn, target.url, schema_file(schema))
            count = _next_transaction(scratch) - before - 1
            return count, [step.what for step in migration.steps]

        first, steps = written(SCHEMA)
        assert first > 0
        assert steps == []
        assert written(SCHEMA) == (0, [])
        again, steps = written(f"{SCHEMA} CREATE TABLE u ();")
        assert again > 0
        assert steps == ["table u"]
        target.execute("CREATE TABLE u ()")
        assert written(f"{SCHEMA} CREATE TABLE u ();")[1] == []
        target.execute("ALTER TABLE u ADD COLUMN a int")
        assert written(f"{SCHEMA} CREATE TABLE u (b int);")[1] == []
        assert written(f"{SCHEMA} CREATE TABLE u (a int, b int);")[1] == ["column u.b"]
        with psycopg.connect(scratch) as admin:
            names = admin.execute("SELECT datname FROM pg_database WHERE datname ~ 'scratch'")
            assert names.fetchall() == []


def _next_transaction(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    return int(row[0]) if row else 0


def test_object_that_its_own_dump_does_not_create_is_named_unless_it_is_as_wanted(
    target: Database,
) -> None:
    schema = "CREATE TABLE broken (a int); CREATE INDEX broken_a ON broken (a);"
    target.migrate(schema)
    target.execute("UPDATE pg_class SET reloptions = '{unheard=1}' WHERE relname = 'broken'")
    migration = target.migrate(f"{schema} CREATE TABLE added (a int);")
    assert [step.what for step in migration.steps] == ["table added"]
    assert [report.what for report in migration.reports] == ["table broken"]
    assert 'unrecognized parameter "unheard"' in migration.reports[0].reason
    assert migration.is_incomplete
    assert target.execute("SELECT to_regclass('added') IS NOT NULL") == [(True,)]
    unequal = target.plan(schema.replace("(a);", "(a DESC);"))
    assert unequal.steps == ()
    assert [report.what for report in unequal.reports if report.missing] == [
        *("table broken", "index broken_a")
    ]


def test_first_migration_needs_no_scratch_server(target: Database) -> None:
    target.scratch_url = "postgresql:///none?host=/nowhere"
    target.migrate("CREATE TABLE added (a int);")
    assert target.execute("SELECT to_regclass('added') IS NOT NULL") == [(True,)]
