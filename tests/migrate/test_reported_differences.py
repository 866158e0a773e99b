"""What Schema.sql does not have, or cannot have without a decision, is reported and kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.conninfo import conninfo_to_dict

from jobgen.migrate.difference import Report
from jobgen.migrate.migration import Migration
from tests.migrate.bands import BEFORE, ROW
from tests.migrate.databases import Database
from tests.support.database import temporary_database

LABELS = """
ALTER TABLE bands ADD COLUMN label TEXT NOT NULL, ADD COLUMN year INT;
CREATE INDEX bands_label ON bands (label);
CREATE INDEX bands_year ON bands (year);
CREATE VIEW labels AS SELECT label FROM bands;
ALTER TABLE bands ADD CONSTRAINT labelled CHECK (label <> '');
"""

# What is changed in BEFORE, what replaces it, and the SQL that is shown.
DROPS = {
    "a column": (", old TEXT", "", "ALTER TABLE public.bands DROP COLUMN old;"),
    "an index": (
        *("CREATE INDEX bands_name ON bands (name);", ""),
        "DROP INDEX public.bands_name;",
    ),
    "a view": ("CREATE VIEW names AS SELECT name FROM bands;", "", "DROP VIEW public.names;"),
    "a table with its view": (
        *("CREATE VIEW names AS SELECT name FROM bands;", "DROP TABLE bands;"),
        "DROP VIEW public.names;\nDROP TABLE public.bands;",
    ),
}


@pytest.fixture(scope="module")
def template(server_url: str) -> Iterator[str]:
    """The name of a database with the schema BEFORE and a row."""
    with temporary_database(server_url) as url:
        database = Database(url, server_url)
        database.migrate(BEFORE)
        database.execute(ROW)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture
def bands(server_url: str, template: str) -> Iterator[Database]:
    """A database with the schema BEFORE and a row."""
    with temporary_database(server_url, template) as url:
        yield Database(url, server_url)


def missing(migration: Migration) -> tuple[Report, ...]:
    """Return the reports of what Schema.sql has."""
    return tuple(report for report in migration.reports if report.missing)


def extra(migration: Migration) -> tuple[Report, ...]:
    """Return the reports of what only the database has."""
    return tuple(report for report in migration.reports if not report.missing)


def shown(reports: tuple[Report, ...]) -> str:
    return "\n".join(text for report in reports for text in report.sql)


@pytest.mark.parametrize(("old", "new", "sql"), DROPS.values(), ids=DROPS.keys())
def test_drop_is_reported_with_its_sql_and_not_applied(
    bands: Database, old: str, new: str, sql: str
) -> None:
    after = BEFORE.replace(old, new, 1)
    assert after != BEFORE
    migration = bands.migrate(after)
    assert shown(migration.reports) == sql
    assert missing(migration) == ()
    assert bands.execute("SELECT * FROM bands") == [(1, "ABBA", 5, "ok", "kept")]
    for statement in sql.splitlines():
        bands.execute(statement)
    assert bands.plan(after).reports == ()


def test_tables_that_refer_to_each_other_are_dropped_in_an_order_that_works(
    bands: Database,
) -> None:
    more = """
    CREATE TABLE albums (id INT PRIMARY KEY, studio INT, best INT REFERENCES albums);
    CREATE TABLE songs (id INT PRIMARY KEY, album INT REFERENCES albums);
    CREATE TABLE studios (id INT PRIMARY KEY, first_album INT REFERENCES albums);
    ALTER TABLE albums ADD CONSTRAINT albums_studio FOREIGN KEY (studio) REFERENCES studios;
    CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION is_kept(song songs) RETURNS BOOL LANGUAGE sql RETURN song.id > 0;
    CREATE TRIGGER kept AFTER INSERT ON albums FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE POLICY kept ON songs USING (is_kept(songs));
    """
    bands.migrate(BEFORE + more)
    reports = bands.plan(BEFORE).reports
    names = [report.what for report in reports]
    assert "foreign key albums_studio on albums" in names
    assert "foreign key studios_first_album_fkey on studios" not in names
    for report in reports:
        bands.execute(*report.sql)
    assert bands.plan(BEFORE).reports == ()


def test_dependents_of_a_differing_object_are_named(bands: Database) -> None:
    bands.execute("CREATE VIEW more AS SELECT * FROM names")
    more = "\n".join((BEFORE, "CREATE VIEW more AS SELECT * FROM names;"))
    reports = missing(bands.plan(more.replace("SELECT name FROM", "SELECT id FROM")))
    assert [(report.what, report.dependents) for report in reports] == [
        ("view names", ("view more",)),
        ("view more", ()),
    ]


def test_differing_check_is_reported_without_the_dependents_of_its_table(bands: Database) -> None:
    function = (
        "\nCREATE FUNCTION label(band bands) RETURNS TEXT LANGUAGE sql AS 'SELECT band.name';"
    )
    check = "\nALTER TABLE bands ADD CONSTRAINT short CHECK (length(name) < 100);"
    bands.migrate(BEFORE + function + check)
    reports = missing(bands.plan(BEFORE + function + check.replace("100", "200")))
    assert [(report.what, report.dependents) for report in reports] == [
        ("constraint short on bands", ())
    ]


def test_column_without_a_value_for_existing_rows_is_reported_with_its_dependents(
    bands: Database,
) -> None:
    after = BEFORE + LABELS
    migration = bands.migrate(after)
    assert [report.what for report in missing(migration)] == [
        "column bands.label",
        "constraint labelled on bands",
        "view labels",
        "index bands_label",
    ]
    assert 'column "label" contains null values' in missing(migration)[0].reason
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
        report.reason for report in extra(migration)
    ]


def test_new_enum_value_can_be_a_default_in_the_same_migration(bands: Database) -> None:
    after = BEFORE.replace("'happy')", "'happy', 'new')")
    bands.migrate(after + "CREATE TABLE moods (m mood DEFAULT 'new' NOT NULL);")
    bands.execute("INSERT INTO moods DEFAULT VALUES")
    assert bands.execute("SELECT m::text FROM moods") == [("new",)]


def test_constraint_or_index_under_another_name_is_named_and_not_added(target: Database) -> None:
    target.execute(
        "CREATE TABLE bands (id INT CONSTRAINT k PRIMARY KEY, name TEXT CONSTRAINT mine UNIQUE,"
        " year INT CONSTRAINT known NOT NULL)",
        "CREATE INDEX mine_too ON bands (name, id)",
    )
    schema = (
        "CREATE TABLE bands (id INT PRIMARY KEY, name TEXT UNIQUE, year INT NOT NULL);"
        " CREATE INDEX ON bands (name, id);"
    )
    migration = target.migrate(schema)
    assert migration.steps == ()
    assert {report.what: report.reason for report in extra(migration)} == {
        "constraint bands_name_key on bands": "is constraint mine on bands in the database",
        "constraint bands_pkey on bands": "is constraint k on bands in the database",
        "index bands_name_id_idx": "is index mine_too in the database",
        "column bands.year": "has a NOT NULL constraint under another name in the database",
    }
    assert missing(migration) == ()
    assert all(report.is_harmless for report in migration.reports)


def test_tables_of_other_tools_are_reported_and_kept(target: Database) -> None:
    target.execute("CREATE TABLE django_migrations (id INT)")
    migration = target.migrate("CREATE TABLE bands (id INT)")
    assert [report.what for report in extra(migration)] == ["table django_migrations"]
    assert missing(migration) == ()
    assert target.execute("SELECT count(*) FROM django_migrations") == [(0,)]


def test_possible_rename_is_reported_and_nothing_is_added(bands: Database) -> None:
    after = BEFORE.replace("old TEXT", "young TEXT")
    (report,) = bands.migrate(after).reports
    assert report.missing
    assert report.what == "column bands.young"
    bands.execute(report.sql[0])
    assert bands.plan(after).reports == ()
    assert bands.execute("SELECT young FROM bands") == [("kept",)]


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
    assert [addition.what for addition in migration.steps] == [
        "table mail_jobs",
        "constraint mail_jobs_pkey on mail_jobs",
        "foreign key mail_jobs_name_fkey on mail_jobs",
        "foreign key mail_jobs_user_id_fkey on mail_jobs",
    ]
    target.run(migration)
    again = target.plan(schema, others_own_tables=True)
    assert again.is_empty
    assert again.reports == ()
