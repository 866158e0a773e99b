"""Alterations are reported, with both texts, and never applied.

All are made in one database, each in a schema: a migration takes as long for one as for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from jobgen.migrate.difference import Report
from tests.migrate.bands import BEFORE, ROW
from tests.migrate.databases import Database
from tests.migrate.once import Once, chosen
from tests.migrate.schemas import in_schemas, schema_of
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("alterations")

# What is changed in BEFORE, what replaces it, and the texts in the database and in Schema.sql.
CHANGES = {
    "a type": (
        *("name VARCHAR(20)", "name TEXT"),
        *("name character varying(20) NOT NULL", "name text NOT NULL"),
    ),
    "nullability": (
        *("VARCHAR(20) NOT NULL", "VARCHAR(20)"),
        *("name character varying(20) NOT NULL", "name character varying(20)"),
    ),
    "a default": ("DEFAULT 1", "DEFAULT 2", "fans integer DEFAULT 1", "fans integer DEFAULT 2"),
    "no default": ("DEFAULT 1", "", "fans integer DEFAULT 1", "fans integer"),
    "a check": ("fans > 0", "fans > 1", "CHECK ((fans > 0));", "CHECK ((fans > 1));"),
    "an index": ("ON bands (name)", "ON bands (id)", "btree (name);", "btree (id);"),
    "a view": ("SELECT name FROM", "SELECT name, id FROM", "SELECT name\n", "SELECT name,\n    id"),
    "a function": ("'SELECT 1'", "'SELECT 2'", "$$SELECT 1$$", "$$SELECT 2$$"),
    "options": (")\n);", ")\n) WITH (fillfactor = 50);", "(…)", "(…) WITH (fillfactor='50')"),
    "another primary key": (
        *("id INT PRIMARY KEY, name", "id INT, PRIMARY KEY (id, name), name"),
        *("PRIMARY KEY (id);", "PRIMARY KEY (id, name);"),
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What migrations of a database to the altered Schema.sql, and back, did.

    Attributes:
        first: What the first migration reported.
        second: What a second one would report.
        back: What one to the old Schema.sql would report.
        rows: The rows of the tables by the names of the alterations.
    """

    first: tuple[Report, ...]
    second: tuple[Report, ...]
    back: tuple[Report, ...]
    rows: dict[str, list[tuple[object, ...]]]


def altered(name: str) -> str:
    """Return the schema of an alteration after it."""
    old, new, *_ = CHANGES[name]
    after = BEFORE.replace(old, new, 1)
    assert after != BEFORE
    return after


def alter(database: Database, names: Iterable[str]) -> Outcome:
    """Migrate a database to the alterations of these names."""
    before, after = in_schemas(names, lambda _: BEFORE), in_schemas(names, altered)
    tables = {name: f"{schema_of(name)}.bands" for name in names}
    database.migrate(before)
    for table in tables.values():
        database.execute(ROW.replace("bands", table, 1))
    first = database.migrate(after).reports
    rows = {name: database.execute(f"TABLE {table}") for name, table in tables.items()}
    return Outcome(first, database.plan(after).reports, database.plan(before).reports, rows)


@pytest.fixture(scope="module")
def outcome_of(request: pytest.FixtureRequest, server_url: str) -> Iterator[Once[Outcome]]:
    """Return a function that returns the outcome of all alterations that are tested."""
    names = [name for name in CHANGES if name in chosen(request.session, "name")]
    with temporary_database(server_url) as url:
        yield Once(lambda _: alter(Database(url, server_url), names or CHANGES))


@pytest.mark.parametrize("name", CHANGES)
def test_alteration_is_reported_with_both_texts_and_not_applied(
    outcome_of: Once[Outcome], name: str
) -> None:
    outcome = outcome_of("together")

    def of_schema(reports: Iterable[Report]) -> list[Report]:
        return [report for report in reports if f" {schema_of(name)}." in report.what]

    _, _, current, wanted = CHANGES[name]
    assert any(
        report.current.endswith(current) and report.wanted.endswith(wanted)
        if not current.endswith(("\n", "$$"))
        else current in report.current and wanted in report.wanted
        for report in of_schema(outcome.first)
        if report.missing and report.reason == "differs"
    )
    assert outcome.rows[name] == [(1, "ABBA", 5, "ok", "kept")]
    assert of_schema(outcome.second) == of_schema(outcome.first)
    # The database still has the old schema.
    assert of_schema(outcome.back) == []


def test_alterations_are_all_that_is_reported(outcome_of: Once[Outcome]) -> None:
    outcome = outcome_of("together")
    assert outcome.second == outcome.first
    assert outcome.back == ()
