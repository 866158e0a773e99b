"""Migrations among other sessions, invalid rows, missing rights and interrupted migrations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from jobgen.errors import JobgenError
from jobgen.migrate.difference import Phase
from jobgen.migrate.execution import migration_lock, run_migration
from jobgen.migrate.target import connected
from tests.migrate.databases import Database

BANDS = "CREATE TABLE bands (id INT PRIMARY KEY, name TEXT);\n"
ROWS = "INSERT INTO bands SELECT n, 'band ' || (n % 50) FROM generate_series(1, 100) AS n"


@pytest.fixture
def bands(target: Database) -> Database:
    """A database with a filled table whose names are not unique."""
    target.migrate(BANDS)
    target.execute(ROWS)
    target.done.clear()
    return target


def test_failing_statement_rolls_back_the_whole_transaction(bands: Database) -> None:
    bad = BANDS + (
        "CREATE TABLE first (id INT); ALTER TABLE bands ADD COLUMN fine INT;"
        " ALTER TABLE bands ADD COLUMN n INT GENERATED ALWAYS AS (1 / (id - 50)) STORED;"
    )
    with pytest.raises(JobgenError, match="division by zero") as raised:
        bands.migrate(bad)
    assert "Nothing was changed." in raised.value.message
    assert bands.done == []
    unchanged = bands.plan(BANDS)
    assert unchanged.is_empty
    assert unchanged.reports == ()


COMMITTING = """
CREATE TABLE a (b int);
DO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2); END $$;
"""


def test_file_that_commits_by_itself_is_run_as_psql_does(target: Database) -> None:
    target.migrate(f"{COMMITTING}CREATE TABLE c ();")
    assert target.execute("SELECT b, to_regclass('c')::text FROM a ORDER BY b") == [
        *((1, "c"), (2, "c"))
    ]
    (note,) = target.notes
    assert "Schema.sql:3: invalid transaction termination, so each statement" in note
    assert target.plan(f"{COMMITTING}CREATE TABLE c ();").is_empty


def test_error_in_a_file_that_commits_by_itself_names_the_statements_that_were_run(
    target: Database,
) -> None:
    with pytest.raises(JobgenError, match="does not exist") as raised:
        target.migrate(f"{COMMITTING}CREATE TABLE c (d missing);")
    assert raised.value.message.endswith("The statements before it were run.")
    target.migrate(f"{COMMITTING}CREATE TABLE c (d int);")
    assert target.execute("SELECT count(*), to_regclass('c')::text FROM a") == [(2, "c")]


def test_rows_that_violate_a_new_constraint_fail_the_validation_only(bands: Database) -> None:
    schema = BANDS + "ALTER TABLE bands ADD CHECK (id < 50); CREATE TABLE other (id INT);"
    with pytest.raises(JobgenError, match="violated by some row") as raised:
        bands.migrate(schema)
    done = "Done before it: table other, a part of constraint bands_id_check on bands."
    assert raised.value.message.endswith(done)
    bands.execute("DELETE FROM bands WHERE id >= 50")
    again = bands.migrate(schema)
    assert [addition.phase for addition in again.steps] == [Phase.ONLINE]
    assert bands.plan(schema).is_empty


def test_unique_index_is_rebuilt_after_a_failed_build(bands: Database) -> None:
    schema = BANDS + "CREATE UNIQUE INDEX bands_name ON bands (name);"
    with pytest.raises(JobgenError, match="could not create unique index"):
        bands.migrate(schema)
    assert bands.execute("SELECT to_regclass('bands_name')") == [(None,)]
    bands.execute("DELETE FROM bands WHERE id > 50")
    bands.migrate(schema)
    assert bands.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'bands_name'::regclass"
    ) == [(True,)]
    assert bands.plan(schema).is_empty


@pytest.mark.parametrize("kind", ["UNIQUE", "PRIMARY KEY"])
def test_unique_constraint_is_rebuilt_after_a_failed_build(target: Database, kind: str) -> None:
    before = "CREATE TABLE bands (name TEXT NOT NULL);"
    after = f"{before} ALTER TABLE bands ADD CONSTRAINT once {kind} (name);"
    target.migrate(before)
    target.execute("INSERT INTO bands VALUES ('a'), ('a')")
    with pytest.raises(JobgenError, match="could not create unique index"):
        target.migrate(after)
    assert target.plan(before).is_incomplete is False
    target.execute("TRUNCATE bands", "INSERT INTO bands VALUES ('a'), ('b')")
    target.migrate(after)
    assert target.plan(after).is_empty
    assert target.plan(after).reports == ()


def test_unique_constraint_uses_an_existing_index_of_its_name(bands: Database) -> None:
    bands.execute("CREATE UNIQUE INDEX bands_id_once ON bands (id)")
    schema = BANDS + "ALTER TABLE bands ADD CONSTRAINT bands_id_once UNIQUE (id);"
    migration = bands.migrate(schema)
    assert [addition.sql for addition in migration.steps] == [
        ("ALTER TABLE public.bands ADD CONSTRAINT bands_id_once UNIQUE USING INDEX bands_id_once;",)
    ]
    assert bands.plan(schema).is_empty


def test_statements_that_scan_filled_tables_run_outside_the_transaction(bands: Database) -> None:
    schema = BANDS + (
        "CREATE INDEX bands_name ON bands (name); ALTER TABLE bands ADD UNIQUE (id, name);"
        " ALTER TABLE bands ADD CHECK (id > 0), ADD FOREIGN KEY (id) REFERENCES bands;"
    )
    statements = {
        statement: addition.phase
        for addition in bands.plan(schema).steps
        for statement in addition.sql
    }
    indexes = [statement for statement in statements if statement.startswith("CREATE")]
    constraints = [statement for statement in statements if " ADD CONSTRAINT " in statement]
    assert len(indexes) == 2
    assert len(constraints) == 3
    for statement in indexes:
        assert "CONCURRENTLY" in statement
        assert statements[statement] is Phase.ONLINE
    for statement in constraints:
        assert "NOT VALID" in statement or "USING INDEX" in statement


def test_migration_fails_without_a_change_when_a_table_stays_locked(bands: Database) -> None:
    schema = BANDS + "CREATE TABLE first (id INT); ALTER TABLE bands ADD COLUMN year INT;"
    migration = bands.plan(schema)
    with psycopg.connect(bands.url) as other:
        other.execute("SELECT FROM bands LIMIT 1")
        with pytest.raises(JobgenError, match="lock timeout") as raised:
            bands.run(migration)
    assert "Run `jobgen migrate` again" in (raised.value.hint or "")
    assert bands.execute("SELECT to_regclass('first')") == [(None,)]
    bands.migrate(schema)
    assert bands.plan(schema).is_empty


def test_concurrent_migrations_apply_each_addition_once(bands: Database) -> None:
    schema = BANDS + "CREATE TABLE first (id INT); CREATE INDEX bands_name ON bands (name);"

    def run(_: int) -> list[str]:
        mine = Database(bands.url, bands.scratch_url)
        with connected(mine.url) as conn, migration_lock(conn, mine.notes.append):
            migration = mine.plan(schema)
            run_migration(conn, mine.url, migration, mine.done.append, mine.notes.append)
        return mine.done

    with ThreadPoolExecutor(3) as pool:
        done = [what for whats in pool.map(run, range(3)) for what in whats]
    assert sorted(done) == ["index bands_name", "table first"]


def test_missing_runtime_schema_is_installed(bands: Database) -> None:
    bands.execute("DROP TABLE job_workers")
    migration = bands.migrate(BANDS)
    assert migration.runtime is not None
    assert bands.plan(BANDS).is_empty


def test_newer_runtime_schema_is_left_unchanged(bands: Database) -> None:
    bands.execute("UPDATE job_runtime_schema SET version = 999", "DROP TABLE job_workers")
    assert bands.plan(BANDS).is_empty
    bands.execute("UPDATE job_runtime_schema SET version = 0")
    assert bands.plan(BANDS).runtime is not None


def test_statements_that_act_outside_the_database_are_not_run(target: Database) -> None:
    target.migrate("CREATE ROLE must_not_be; DROP DATABASE postgres; CREATE TABLE t (i INT);")
    assert target.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'must_not_be'") == [(0,)]
    assert target.execute("SELECT to_regclass('t') IS NOT NULL") == [(True,)]


def test_runtimes_uuidv7_counts_as_the_servers_own_after_an_upgrade(target: Database) -> None:
    """After pg_upgrade the runtime's function is still the default of the column."""
    schema = "CREATE TABLE bands (id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL);"
    target.execute(
        "CREATE FUNCTION public.uuidv7() RETURNS UUID LANGUAGE sql AS 'SELECT gen_random_uuid()'",
        schema.replace("uuidv7", "public.uuidv7"),
    )
    migration = target.migrate(schema)
    assert migration.steps == ()
    assert migration.reports == ()
