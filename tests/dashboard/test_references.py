"""Rows that jobs reference: found and named in tables of any size, by reading few of their rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.dashboard import NoAuth, Right, Visitor
from jobgen_runtime.dashboard.components.choices import OFFERED, Choices, offer
from jobgen_runtime.dashboard.components.references import find_references
from jobgen_runtime.dashboard.database.discovery import discover
from psycopg import AsyncConnection
from starlette.requests import Request

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.support.database import temporary_database
from tests.support.schema import job_block

pytestmark = pytest.mark.xdist_group("references")
"""One process of pytest runs these tests, and so fills the large tables only once."""

ROWS = 60_000
SETUP = """
CREATE TABLE customers (id INT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO customers SELECT n, 'Customer ' || n FROM generate_series(1, 60000) n;
UPDATE customers SET name = 'Ada Lovelace' WHERE id = 7;
UPDATE customers SET name = 'ada the second' WHERE id = 8;
CREATE INDEX ON customers (name);
CREATE TABLE places (id INT PRIMARY KEY, title TEXT);
INSERT INTO places SELECT n, 'Place ' || n FROM generate_series(1, 60000) n;
CREATE TABLE bands (id INT PRIMARY KEY, label VARCHAR(50));
INSERT INTO bands VALUES (1, 'Phish'), (2, 'ABBA'), (3, 'ABBA'), (4, NULL);
CREATE TABLE codes (id INT PRIMARY KEY);
INSERT INTO codes SELECT generate_series(1, 300);
ANALYZE customers, places;
"""
COLUMNS = (
    "customer_id INT REFERENCES customers (id)",
    "place_id INT REFERENCES places (id)",
    "band_id INT REFERENCES bands (id)",
    "code_id INT REFERENCES codes (id)",
    "parent_id UUID REFERENCES scrape_jobs (id)",
)
READ = (
    "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)"
    " FROM pg_stat_xact_user_tables WHERE relname IN ('customers', 'places', 'bands', 'codes')"
)


@pytest.fixture(scope="module")
def large(server_url: str) -> Iterator[str]:
    """Return the conninfo of a database with references to large and small tables."""
    with temporary_database(server_url) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as conn:
            install_schema_sync(conn)
            conn.execute(SETUP)
            conn.execute(job_block("Scrape", ", ".join(COLUMNS)).encode())
        yield conninfo


def offered(
    conninfo: str, column: str, *, chosen: str = "", search: str = ""
) -> tuple[Choices | None, int]:
    """Return what is offered for a reference, and how many rows of its table that has read."""

    async def read() -> tuple[Choices | None, int]:
        async with await AsyncConnection.connect(conninfo) as conn:
            table = (await discover(conn))["scrape_jobs"]
            reference = (await find_references(conn, table))[column]
            choices = await offer(conn, reference, chosen=chosen, search=search)
            found: Any = await (await conn.execute(READ)).fetchone()
            return choices, int(found[0])

    return asyncio.run(read())


def labels(choices: Choices | None) -> list[str]:
    assert choices is not None
    return [option.label for option in choices.options]


@pytest.mark.parametrize(
    ("column", "options", "expected", "most_read"),
    [
        ("customer_id", {"search": "41234"}, ["Customer 41234"], 1),
        ("customer_id", {"search": "ada"}, ["Ada Lovelace", "ada the second"], 3 * OFFERED),
        ("customer_id", {"search": "ADA L"}, ["Ada Lovelace"], 3 * OFFERED),
        ("customer_id", {"search": "er 59999"}, ["Customer 59999"], 10_100),
        ("customer_id", {"search": "50% off\\_"}, [], 10_100),
        ("customer_id", {"chosen": "7", "search": "41234"}, ["Ada Lovelace", "Customer 41234"], 2),
        ("customer_id", {"chosen": "junk", "search": "41234"}, ["junk", "Customer 41234"], 1),
        ("place_id", {"search": "place 60000"}, ["Place 60000"], 10_000),
        ("place_id", {"search": "place 9"}, None, 10_000),
        ("band_id", {}, ["4", "ABBA (…2)", "ABBA (…3)", "Phish"], 4),
        (
            "band_id",
            {"chosen": "9", "search": "x"},
            ["9", "4", "ABBA (…2)", "ABBA (…3)", "Phish"],
            4,
        ),
    ],
)
def test_rows_are_found_by_reading_few(
    large: str, column: str, options: dict[str, str], expected: list[str] | None, most_read: int
) -> None:
    choices, rows = offered(large, column, **options)
    if expected is not None:
        assert labels(choices) == expected
    assert rows <= most_read


@pytest.mark.parametrize("column", ["customer_id", "place_id"])
def test_large_table_offers_its_newest_rows_without_reading_others(large: str, column: str) -> None:
    choices, rows = offered(large, column)
    assert choices is not None
    assert choices.is_large
    assert {int(option.value) for option in choices.options} == set(
        range(ROWS - OFFERED + 1, ROWS + 1)
    )
    assert rows == OFFERED


def test_beginning_of_a_name_is_found_in_any_place_of_a_large_table(large: str) -> None:
    choices, rows = offered(large, "customer_id", search="Customer 1")
    assert labels(choices)[0] == "Customer 1"
    assert len(labels(choices)) == OFFERED
    assert rows <= 3 * OFFERED


def test_many_rows_without_a_name_are_not_offered(large: str) -> None:
    choices, rows = offered(large, "code_id")
    assert choices is None
    assert rows <= 201


def test_rows_of_job_tables_are_not_offered(large: str) -> None:
    with pytest.raises(KeyError):
        offered(large, "parent_id")


@pytest.fixture(scope="module")
def site(large: str) -> Iterator[DashboardSite]:
    with DashboardSite(conninfo=large) as opened:
        yield opened


def test_find_shows_the_form_again_with_what_was_found_and_creates_nothing(
    site: DashboardSite, large: str
) -> None:
    form = {"tableName": "scrape_jobs", "band_id": "1", "find.customer_id": "ada l"}
    page = site.post("/jobs/CreateJob", {**form, "findIn": "customer_id"})
    assert page.status_code == 200
    assert '<option value="1" selected>Phish</option>' in page.text
    assert '<option value="7">Ada Lovelace</option>' in page.text
    assert 'name="find.customer_id" value="ada l"' in page.text
    with psycopg.connect(large) as conn:
        assert conn.execute("SELECT count(*) FROM scrape_jobs").fetchall() == [(0,)]


def test_script_gets_what_was_found(site: DashboardSite) -> None:
    where = {"tableName": "scrape_jobs", "column": "customer_id", "q": "ada l"}
    answer = site.get("/jobs/FindReference", params=where)
    assert answer.json() == {"options": [["7", "Ada Lovelace"]], "note": "1 found."}
    for column in ("parent_id", "code_id", "status", "x"):
        found = site.get("/jobs/FindReference", params={**where, "column": column})
        assert found.status_code == (200 if column == "code_id" else 404)
    assert site.get("/jobs/FindReference", params={**where, "q": "x" * 201}).status_code == 400


class SeesOnly(NoAuth):
    """Let everybody see one kind."""

    async def authenticate(self, request: Request) -> Visitor:  # noqa: ARG002
        return Visitor("ada", may=set(), kinds={"open_jobs": {Right.SEE}})


def test_names_are_shown_only_with_a_kind_that_the_visitor_sees(
    shop: Database, make_site: MakeSite
) -> None:
    shop.run("CREATE TABLE bands (id INT PRIMARY KEY, name TEXT)")
    shop.run("INSERT INTO bands VALUES (1, '</script>Phish')")
    for table in ("open_jobs", "secret_jobs"):
        shop.job_table(table, "band_id INT REFERENCES bands (id)")
    site = make_site(auth=SeesOnly())
    where = {"column": "band_id", "q": "x"}
    seen = site.get("/jobs/FindReference", params={**where, "tableName": "open_jobs"})
    assert "\\u003c/script\\u003ePhish" in seen.text
    hidden = site.get("/jobs/FindReference", params={**where, "tableName": "secret_jobs"})
    assert hidden.status_code == 404
    redacting = make_site(redacted_columns=["bands.name"])
    assert "Phish" not in redacting.get("/jobs/CreateJob?tableName=open_jobs").text


def test_odd_names_and_an_unreadable_table_cost_only_their_own_field(
    shop: Database, make_site: MakeSite
) -> None:
    odd = '"A ""quoted"" %%s {key} & <b>"'
    shop.run(f'CREATE TABLE {odd} ("left {{" TEXT PRIMARY KEY, name TEXT)')
    rows = """SELECT '{"' || n, 'Odd \\ ' || n FROM generate_series(1, 300) n"""
    shop.run(f"INSERT INTO {odd} {rows}")
    shop.job_table("odd_jobs", f'"my %%s band" TEXT REFERENCES {odd} ("left {{")')
    job = shop.insert("odd_jobs", **{"my %s band": '{"7'})
    site = make_site()
    page = site.get("/jobs/CreateJob", params={"tableName": "odd_jobs", "copyOf": job}).text
    assert '<option value="{&#34;7" selected>Odd \\ 7</option>' in page
    detail = site.get("/jobs/ViewJob", params={"tableName": "odd_jobs", "id": job}).text
    assert "Odd \\ 7" in detail
    shop.run(f"ALTER TABLE {odd} RENAME COLUMN name TO nothing")
    page = site.get("/jobs/CreateJob", params={"tableName": "odd_jobs"}).text
    assert 'name="my %s band" rows="1"' in page


def test_locked_table_costs_only_its_own_names_and_choices(
    shop: Database, make_site: MakeSite
) -> None:
    site = make_site()
    shop.run("CREATE TABLE bands (id INT PRIMARY KEY, name TEXT)")
    shop.run("CREATE TABLE fans (id INT PRIMARY KEY, name TEXT)")
    shop.run("INSERT INTO bands VALUES (1, 'Phish')")
    shop.run("INSERT INTO fans VALUES (1, 'Ada')")
    shop.job_table(
        "gig_jobs", "band_id INT REFERENCES bands (id)", "fan_id INT REFERENCES fans (id)"
    )
    job = shop.insert("gig_jobs", band_id=1, fan_id=1)
    with psycopg.connect(shop.conninfo) as conn:
        conn.execute("LOCK TABLE bands IN ACCESS EXCLUSIVE MODE")
        for address in ("CreateJob?tableName=gig_jobs", "ListJob?tableName=gig_jobs"):
            page = site.get(f"/jobs/{address}")
            assert page.status_code == 200
            assert "Ada" in page.text
            assert "Phish" not in page.text
        page = site.get(f"/jobs/ViewJob?tableName=gig_jobs&id={job}")
        assert "Ada" in page.text
    assert "Phish" in site.get("/jobs/CreateJob?tableName=gig_jobs").text
