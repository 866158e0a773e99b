"""Every kind of object is added to a database whose tables have rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from psycopg import sql

from jobgen.migrate.comparison import Rules, compare
from jobgen.migrate.difference import Comparison
from jobgen.migrate.migration import Migration
from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.pieces import Dump
from jobgen.migrate.target import connected
from jobgen.postgres import project_binaries
from tests.migrate.databases import NOWHERE, Database
from tests.migrate.once import Once, chosen
from tests.migrate.schemas import in_schemas, schema_of
from tests.support.database import temporary_database
from tests.support.schema import job_block

BANDS = "CREATE TABLE bands (id INT PRIMARY KEY, name TEXT NOT NULL);\n"
ROWS = "INSERT INTO bands SELECT n, 'band ' || n FROM generate_series(1, 100) AS n"
JOB = job_block("Scrape", "band_id INT NOT NULL REFERENCES bands (id) ON DELETE CASCADE")

IN_PUBLIC = {
    "a job": JOB,
    "a column, a schema, odd names and extensions": (
        "ALTER TABLE bands ADD COLUMN founded DATE;"
        " CREATE SCHEMA archive; CREATE TABLE archive.bands (id INT PRIMARY KEY, u INT UNIQUE);"
        ' CREATE TABLE "Odd ""Table""" ("select" INT, "Ünï cödé" TEXT, "a.b" INT UNIQUE);'
        ' ALTER TABLE bands ADD COLUMN "order" INT; CREATE INDEX "My Index" ON bands ("order");'
        " CREATE EXTENSION citext; CREATE SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext;"
        " ALTER TABLE bands ADD COLUMN mail citext;"
        " CREATE INDEX bands_trgm ON bands USING gin (name ext.gin_trgm_ops);"
    ),
    "a dump of pg_dump": (
        "SET statement_timeout = 0; SELECT pg_catalog.set_config('search_path', '', false);\n"
        "\\restrict abc\nCREATE TABLE public.albums (id integer NOT NULL);\n"
        "COPY public.albums (id) FROM stdin;\n1\n2\n\\.\n"
        "ALTER TABLE ONLY public.albums ADD CONSTRAINT albums_pkey PRIMARY KEY (id);\n"
    ),
    "meta-commands of psql and a transaction": (
        "\\set ON_ERROR_STOP on\nBEGIN; CREATE TABLE t (i INT); COMMIT;"
    ),
}
"""Additions in the schema that needs no name, each in a database of its own."""

IN_SCHEMAS = {
    "a column with a default": "ALTER TABLE bands ADD COLUMN fans INT DEFAULT 7 NOT NULL;",
    "a column filled by a function": (
        "ALTER TABLE bands ADD COLUMN u UUID DEFAULT uuidv7() NOT NULL;"
    ),
    "an identity": "ALTER TABLE bands ADD COLUMN n INT GENERATED ALWAYS AS IDENTITY;",
    "a serial": "ALTER TABLE bands ADD COLUMN n BIGSERIAL;",
    "a stored column": (
        "ALTER TABLE bands ADD COLUMN upper_name TEXT GENERATED ALWAYS AS (upper(name)) STORED;"
    ),
    "a virtual column": (
        "ALTER TABLE bands ADD COLUMN size INT GENERATED ALWAYS AS (length(name)) VIRTUAL;"
    ),
    "an index": "CREATE INDEX bands_name ON bands (lower(name), id DESC) INCLUDE (name);",
    "a unique index": "CREATE UNIQUE INDEX bands_name ON bands (name) WHERE id > 3;",
    "a unique constraint": "ALTER TABLE bands ADD UNIQUE (name);",
    "a deferrable unique constraint": (
        "ALTER TABLE bands ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED;"
    ),
    "a unique constraint over nulls": (
        "ALTER TABLE bands ADD COLUMN code INT DEFAULT NULL;"
        " ALTER TABLE bands ADD CONSTRAINT code_once UNIQUE NULLS NOT DISTINCT (code, id);"
    ),
    "a check": "ALTER TABLE bands ADD CHECK (id > 0), ADD CHECK (NOT (id = -1));",
    "a check that is not enforced": "ALTER TABLE bands ADD CHECK (id > 50) NOT ENFORCED;",
    "an exclusion": (
        "ALTER TABLE bands ADD COLUMN span int4range;"
        " ALTER TABLE bands ADD EXCLUDE USING gist (span WITH &&);"
    ),
    "a foreign key": (
        "CREATE TABLE albums (id INT PRIMARY KEY); ALTER TABLE bands ADD COLUMN album INT"
        " REFERENCES albums ON DELETE SET NULL;"
    ),
    "a foreign key to a new unique constraint": (
        "ALTER TABLE bands ADD UNIQUE (name);"
        " CREATE TABLE albums (band TEXT REFERENCES bands (name));"
    ),
    "a cycle of foreign keys": (
        "CREATE TABLE a (id INT PRIMARY KEY, b INT); CREATE TABLE b (id INT PRIMARY KEY,"
        " a INT REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;"
    ),
    "an enum": (
        "CREATE TYPE mood AS ENUM ('sad', 'it''s ok'); ALTER TABLE bands ADD COLUMN m mood[];"
    ),
    "types": (
        "CREATE DOMAIN positive AS INT DEFAULT 1 NOT NULL CHECK (VALUE > 0);"
        " CREATE TYPE place AS (x REAL, y NUMERIC(5,2), label VARCHAR(10));"
        " CREATE TYPE floats AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);"
        " CREATE TABLE spots (p place, q positive, r floats, s _place);"
    ),
    "a sequence": "CREATE SEQUENCE numbers AS SMALLINT INCREMENT 2 CYCLE; CREATE SEQUENCE other;",
    "functions": (
        "CREATE FUNCTION double(i INT) RETURNS INT LANGUAGE sql IMMUTABLE AS 'SELECT 2 * i';"
        " CREATE FUNCTION twice(b bands) RETURNS INT LANGUAGE sql BEGIN ATOMIC"
        " SELECT CASE WHEN b.id > 0 THEN double(b.id) ELSE 0 END; END;"
        " CREATE PROCEDURE clear() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM bands; END $$;"
        " CREATE FUNCTION all_bands() RETURNS SETOF bands LANGUAGE sql AS 'SELECT * FROM bands';"
        " ALTER TABLE bands ADD COLUMN d INT DEFAULT double(4), ADD CHECK (double(id) > 0);"
        " CREATE INDEX bands_double ON bands (double(id));"
    ),
    "a function over a new table in a trigger": (
        "CREATE TABLE log (id INT); CREATE FUNCTION note() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " $f$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END $f$;"
        " CREATE TRIGGER noted BEFORE UPDATE OF name ON bands FOR EACH ROW EXECUTE FUNCTION note();"
    ),
    "views": (
        "CREATE VIEW old AS SELECT id FROM bands WHERE id < 10;"
        " CREATE VIEW older WITH (security_barrier) AS SELECT * FROM old WHERE id < 5;"
        " CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM older;"
        " CREATE UNIQUE INDEX counts_once ON counts (n);"
    ),
    "policies": (
        "CREATE TABLE secrets (id INT); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE secrets FORCE ROW LEVEL SECURITY;"
        " CREATE POLICY mine ON secrets FOR SELECT TO PUBLIC USING (id > 0);"
        " CREATE POLICY less ON secrets AS RESTRICTIVE USING (id < 9) WITH CHECK (id < 5);"
    ),
    "a partitioned table": (
        "CREATE TABLE events (at INT, id INT, PRIMARY KEY (at, id)) PARTITION BY LIST (at);"
        " CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1, 2);"
        " CREATE TABLE events_x PARTITION OF events DEFAULT; CREATE INDEX events_id ON events (id);"
    ),
    "inheritance": (
        "CREATE TABLE stars (fame INT) INHERITS (bands); CREATE UNLOGGED TABLE u (i INT);"
    ),
    "options": "CREATE TABLE hot (id INT) WITH (fillfactor = 70, autovacuum_enabled = off);",
    "a period": (
        "CREATE EXTENSION btree_gist; CREATE TABLE stays (room INT, during daterange,"
        " PRIMARY KEY (room, during WITHOUT OVERLAPS));"
    ),
    "a collation": (
        'ALTER TABLE bands ADD COLUMN sorted TEXT COLLATE "C"; CREATE INDEX s ON bands (sorted);'
    ),
}
"""Additions that a database has together, each in a schema with the table `bands`."""


@dataclass(frozen=True)
class Outcome:
    """What two migrations of a database with rows did to add something.

    Attributes:
        first: The migration that added it.
        second: The same again.
        comparison: The database after it, with one that had it from the beginning.
        counts: The numbers of rows that were in the tables `bands` before.
    """

    first: Migration
    second: Migration
    comparison: Comparison
    counts: list[int]


def add(target: Database, fresh: Database, before: str, after: str, tables: list[str]) -> Outcome:
    """Migrate `target` from one Schema.sql, with 100 rows in each table, to another one."""
    target.migrate(before)
    for table in tables:
        target.execute(ROWS.replace("bands", table, 1))
    first = target.migrate(after)
    second = target.plan(after)
    fresh.migrate(after)
    dumps = [dump_of(each.url) for each in (target, fresh)]
    counts = [len(target.execute(f"TABLE {table}")) for table in tables]
    return Outcome(first, second, compare(dumps[0], dumps[1], Rules()), counts)


def dump_of(url: str) -> Dump:
    """Return all that a database has."""
    with connected(url) as conn:
        return Dump(dump_schema(project_binaries(NOWHERE), url, conn), "public")


def assert_added(outcome: Outcome) -> None:
    """Assert that the first migration added everything, and left nothing to the second."""
    assert not outcome.first.is_empty
    assert outcome.first.reports == ()
    assert outcome.second.is_empty
    assert outcome.second.reports == ()
    assert outcome.comparison.additions == ()
    assert outcome.comparison.reports == ()
    assert set(outcome.counts) == {100}


@pytest.mark.parametrize("addition", IN_PUBLIC.values(), ids=IN_PUBLIC.keys())
def test_addition_is_applied_once_and_matches_a_new_database(
    make_database: Callable[[], Database], addition: str
) -> None:
    target, fresh = make_database(), make_database()
    assert_added(add(target, fresh, BANDS, BANDS + addition, ["bands"]))


@pytest.fixture(scope="module")
def outcome_of(request: pytest.FixtureRequest, server_url: str) -> Iterator[Once[Outcome]]:
    """Return a function that returns the outcome of all additions that are tested."""
    tested = chosen(request.session, "name")
    names = [name for name in IN_SCHEMAS if name in tested] or list(IN_SCHEMAS)
    before = in_schemas(names, lambda _: BANDS)
    after = in_schemas(names, lambda name: BANDS + IN_SCHEMAS[name])
    tables = [f"{schema_of(name)}.bands" for name in names]
    with ExitStack() as stack:

        def add_together(_: str) -> Outcome:
            urls = [stack.enter_context(temporary_database(server_url)) for _ in range(2)]
            target, fresh = (Database(url, server_url) for url in urls)
            return add(target, fresh, before, after, tables)

        yield Once(add_together)


@pytest.mark.xdist_group("additions")
@pytest.mark.parametrize("name", IN_SCHEMAS)
def test_addition_among_others_is_applied_once_and_matches_a_new_database(
    outcome_of: Once[Outcome], name: str
) -> None:
    outcome = outcome_of("together")

    def named(*texts: str) -> bool:
        return any(re.search(rf"\b{schema_of(name)}\.", text) for text in texts)

    assert any(named(*step.sql) for step in outcome.first.steps)
    steps, additions = outcome.second.steps, outcome.comparison.additions
    assert [each for each in steps if named(*each.sql)] == []
    assert [each for each in additions if named(*each.sql)] == []
    reports = [*outcome.first.reports, *outcome.second.reports, *outcome.comparison.reports]
    assert [each for each in reports if named(each.current, each.wanted, *each.sql)] == []


@pytest.mark.xdist_group("additions")
def test_additions_in_many_schemas_leave_nothing_to_a_second_migration(
    outcome_of: Once[Outcome],
) -> None:
    assert_added(outcome_of("together"))


def test_many_additions_are_applied_to_an_empty_database(
    make_database: Callable[[], Database],
) -> None:
    together = [
        text
        for name, text in (IN_PUBLIC | IN_SCHEMAS).items()
        if name in {"a job", "a cycle of foreign keys", "types", "views", "policies", "options"}
    ]
    target = make_database()
    target.migrate(BANDS + "".join(together))
    assert target.plan(BANDS + "".join(together)).is_empty


def test_objects_are_created_in_the_schema_of_the_search_path(target: Database) -> None:
    name = sql.Identifier(str(target.execute("SELECT current_database()")[0][0])).as_string(None)
    target.execute(
        'CREATE SCHEMA "My App"', f'ALTER DATABASE {name} SET search_path = "My App", public'
    )
    target.migrate(BANDS + JOB)
    assert target.execute("SELECT to_regclass('\"My App\".scrape_jobs')::text IS NOT NULL") == [
        (True,)
    ]
    assert target.execute("SELECT to_regclass('\"My App\".job_workers') IS NOT NULL") == [(True,)]
    assert target.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    assert target.plan(BANDS + JOB).is_empty
