"""Drops and alterations are reported with their SQL and never applied."""

from __future__ import annotations

import pytest

from jobgen.migrate.difference import Report
from tests.migrate.databases import Database

BEFORE = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS 'SELECT 1';
CREATE TABLE bands (
    id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, fans INT DEFAULT 1, mood mood, old TEXT,
    CHECK (fans > 0)
);
CREATE INDEX bands_name ON bands (name);
CREATE VIEW names AS SELECT name FROM bands;
"""
ROW = "INSERT INTO bands VALUES (1, 'ABBA', 5, 'ok', 'kept')"

LABELS = """
ALTER TABLE bands ADD COLUMN label TEXT NOT NULL, ADD COLUMN year INT;
CREATE INDEX bands_label ON bands (label);
CREATE INDEX bands_year ON bands (year);
CREATE VIEW labels AS SELECT label FROM bands;
ALTER TABLE bands ADD CONSTRAINT labelled CHECK (label <> '');
"""

CHANGES = {
    "a type": ("name VARCHAR(20)", "name TEXT", "ALTER COLUMN name TYPE text"),
    "nullability": ("VARCHAR(20) NOT NULL", "VARCHAR(20)", "ALTER COLUMN name DROP NOT NULL"),
    "a default": ("DEFAULT 1", "DEFAULT 2", "ALTER COLUMN fans SET DEFAULT 2"),
    "no default": ("DEFAULT 1", "", "ALTER COLUMN fans DROP DEFAULT"),
    "a dropped column": (", old TEXT", "", "ALTER TABLE bands DROP COLUMN old"),
    "a check": ("fans > 0", "fans > 1", "DROP CONSTRAINT bands_fans_check"),
    "an index": ("ON bands (name)", "ON bands (id)", "DROP INDEX CONCURRENTLY bands_name"),
    "a dropped index": ("CREATE INDEX bands_name ON bands (name);", "", "DROP INDEX"),
    "a view": ("SELECT name FROM", "SELECT name, id FROM", "CREATE OR REPLACE VIEW names"),
    "a dropped view": ("CREATE VIEW names AS SELECT name FROM bands;", "", "DROP VIEW names"),
    "a function": ("'SELECT 1'", "'SELECT 2'", "CREATE OR REPLACE FUNCTION public.one()"),
    "options": (")\n);", ")\n) WITH (fillfactor = 50);", "SET (fillfactor=50)"),
    "row security": (
        ");\nCREATE INDEX",
        ");\nALTER TABLE bands ENABLE ROW LEVEL SECURITY; CREATE INDEX",
        "ENABLE ROW LEVEL SECURITY",
    ),
    "another primary key": (
        "id INT PRIMARY KEY, name",
        "id INT, PRIMARY KEY (id, name), name",
        "PRIMARY KEY",
    ),
    "a dropped table": (
        "CREATE VIEW names AS SELECT name FROM bands;",
        "DROP TABLE bands;",
        "DROP TABLE bands",
    ),
}


@pytest.fixture
def bands(target: Database) -> Database:
    """A database with the schema BEFORE and a row."""
    target.migrate(BEFORE)
    target.execute(ROW)
    return target


def shown(reports: tuple[Report, ...]) -> str:
    return "\n".join(text for report in reports for text in report.sql)


@pytest.mark.parametrize(("old", "new", "sql"), CHANGES.values(), ids=CHANGES.keys())
def test_alteration_or_drop_is_reported_with_its_sql_and_not_applied(
    bands: Database, old: str, new: str, sql: str
) -> None:
    after = BEFORE.replace(old, new, 1)
    assert after != BEFORE
    migration = bands.migrate(after)
    assert sql in shown(migration.comparison.reports)
    assert bands.execute("SELECT * FROM bands") == [(1, "ABBA", 5, "ok", "kept")]
    assert sql in shown(bands.plan(after).comparison.reports)
    # The database still has the old schema.
    assert bands.plan(BEFORE).comparison.reports == ()


def test_reported_sql_removes_the_differences(bands: Database) -> None:
    after = BEFORE.replace("name VARCHAR(20)", "name TEXT").replace("DEFAULT 1", "DEFAULT 2")
    after = after.replace("fans > 0", "fans > 1").replace("ON bands (name)", "ON bands (fans)")
    bands.execute("DROP VIEW names")
    for report in bands.plan(after).comparison.reports:
        for statement in report.sql:
            bands.execute(statement.replace(" CONCURRENTLY", ""))
    bands.migrate(after)
    assert bands.plan(after).comparison.reports == ()


def test_column_without_a_value_for_existing_rows_is_reported_with_its_dependents(
    bands: Database,
) -> None:
    after = BEFORE + LABELS
    migration = bands.migrate(after)
    assert [report.what for report in migration.comparison.missing] == [
        "column bands.label",
        "constraint labelled on bands",
        "index bands_label",
        "validation of labelled on bands",
        "view labels",
    ]
    assert "UPDATE bands SET label = ..." in shown(migration.comparison.missing)
    assert bands.execute("SELECT year FROM bands") == [(None,)]
    assert bands.execute("SELECT to_regclass('bands_year') IS NOT NULL") == [(True,)]
    bands.execute("DELETE FROM bands")
    bands.migrate(after)
    assert bands.plan(after).is_empty


def test_enum_values_are_added_in_order_and_never_removed(bands: Database) -> None:
    after = BEFORE.replace(
        "('sad', 'ok', 'happy')", "('low', 'sad', 'so so', 'happy', 'it''s great')"
    )
    migration = bands.migrate(after + "ALTER TABLE bands ALTER COLUMN mood SET DEFAULT 'low';")
    labels = bands.execute("SELECT unnest(enum_range(NULL::mood))::text")
    assert labels == [("low",), ("sad",), ("so so",), ("ok",), ("happy",), ("it's great",)]
    assert "has values that Schema.sql does not have (ok)" in [
        report.reason for report in migration.comparison.extra
    ]


def test_new_enum_value_can_be_a_default_in_the_same_migration(bands: Database) -> None:
    after = BEFORE.replace("'happy')", "'happy', 'new')")
    bands.migrate(after + "CREATE TABLE moods (m mood DEFAULT 'new' NOT NULL);")
    bands.execute("INSERT INTO moods DEFAULT VALUES")
    assert bands.execute("SELECT m::text FROM moods") == [("new",)]


def test_constraint_or_index_under_another_name_is_not_a_difference(target: Database) -> None:
    target.execute(
        "CREATE TABLE bands (id INT CONSTRAINT k PRIMARY KEY, name TEXT CONSTRAINT mine UNIQUE)",
        "CREATE INDEX mine_too ON bands (name, id)",
    )
    schema = (
        "CREATE TABLE bands (id INT PRIMARY KEY, name TEXT UNIQUE);"
        " CREATE INDEX ON bands (name, id);"
    )
    migration = target.migrate(schema)
    assert migration.comparison.additions == ()
    assert migration.comparison.reports == ()


def test_tables_of_other_tools_are_reported_and_kept(target: Database) -> None:
    target.execute("CREATE TABLE django_migrations (id INT)")
    migration = target.migrate("CREATE TABLE bands (id INT)")
    assert [report.what for report in migration.comparison.extra] == ["table django_migrations"]
    assert migration.comparison.missing == ()
    assert target.execute("SELECT count(*) FROM django_migrations") == [(0,)]


def test_objects_of_unsupported_kinds_are_reported(target: Database) -> None:
    migration = target.migrate(
        "CREATE AGGREGATE total (INT) (SFUNC = int4pl, STYPE = INT, INITCOND = '0');"
        " CREATE TABLE t (a INT, b INT); CREATE STATISTICS s ON a, b FROM t;"
    )
    assert [report.what for report in migration.comparison.missing] == [
        "aggregate public.total(integer)",
        "statistics object public.s",
    ]


def test_job_tables_may_reference_tables_of_django(target: Database) -> None:
    """With `schema_source = "database"`, Schema.sql has the job tables only."""
    target.execute(
        "CREATE TYPE rank AS ENUM ('a', 'b')",
        "CREATE TABLE auth_user (id SERIAL PRIMARY KEY, rank rank, name TEXT UNIQUE)",
        "INSERT INTO auth_user DEFAULT VALUES",
    )
    schema = (
        "CREATE TABLE mail_jobs (id UUID PRIMARY KEY, status JOB_STATUS NOT NULL,"
        " user_id INT NOT NULL REFERENCES auth_user (id), name TEXT REFERENCES auth_user (name));"
    )
    migration = target.plan(schema, others_own_tables=True)
    assert [addition.what for addition in migration.comparison.additions] == [
        "table mail_jobs",
        "constraint mail_jobs_name_fkey on mail_jobs",
        "constraint mail_jobs_user_id_fkey on mail_jobs",
    ]
    target.run(migration)
    again = target.plan(schema, others_own_tables=True)
    assert again.is_empty
    assert again.comparison.reports == ()
