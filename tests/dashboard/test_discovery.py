"""Which tables the dashboard shows, and that no other table is reachable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jobgen_runtime.dashboard import Visitor
from jobgen_runtime.dashboard.database.discovery import JobTable, discover
from jobgen_runtime.dashboard.database.known_tables import KnownTables
from psycopg import AsyncConnection

from tests.dashboard.sites import CONTROL_COLUMNS, DashboardSite, Database, MakeSite
from tests.dashboard.visitors import Everyone

ACTIONS = [
    ("GET", "ListJob"),
    ("GET", "ViewJob"),
    ("GET", "CreateJob"),
    ("POST", "CreateJob"),
    ("POST", "CancelJob"),
    ("POST", "DeleteJob"),
    ("POST", "RetryJob"),
]
ID = "01890000-0000-7000-8000-000000000000"


def test_every_table_with_a_job_name_and_job_columns_is_shown(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table("email_customers_jobs")
    shop.job_table("initial_scrape_jobs", "band text")
    page = site.get("/jobs/").text
    assert "Email customers" in page
    assert "Initial scrape" in page
    assert page.index("Email customers") < page.index("Initial scrape")


def test_tables_with_unusual_names_are_shown_and_reachable(
    site: DashboardSite, shop: Database
) -> None:
    for name in (
        'A "quoted" & <b>_jobs',
        "mañana_jobs",
        "x;DROP TABLE y_jobs",
        "%s_jobs",
        "{}_jobs",
    ):
        shop.job_table(name)
        job = shop.insert(name, status="failed")
        where = {"tableName": name, "id": job}
        assert site.get("/jobs/ListJob", params={"tableName": name}).status_code == 200
        assert job in site.get("/jobs/ViewJob", params=where).text
        assert site.post("/jobs/RetryJob", where).status_code == 303
        assert site.post("/jobs/CreateJob", {"tableName": name}).status_code == 303
        assert site.post("/jobs/DeleteJob", where).status_code == 303
        assert len(shop.run("SELECT 1 FROM pg_class WHERE relname = %s", name)) == 1
    assert site.get("/jobs/").status_code == 200


@pytest.fixture
def other_schema(shop: Database) -> Iterator[str]:
    """Return another schema that is not on the search_path."""
    name = f"{shop.schema}_other"
    shop.run(f"CREATE SCHEMA {name}")
    yield name
    shop.run(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def others(shop: Database, other_schema: str) -> list[str]:
    """Create tables and views that are not job tables, or not on the search_path."""
    shop.job_table("real_jobs")
    shop.run("CREATE TABLE customers (id UUID PRIMARY KEY)")
    shop.run("CREATE TABLE lookalikexjobs AS TABLE real_jobs")
    shop.run("CREATE TABLE few_columns_jobs (id UUID, status JOB_STATUS)")
    shop.run(f"CREATE TABLE wrong_type_jobs ({CONTROL_COLUMNS.replace('INT ', 'BIGINT ')})")
    shop.run("CREATE VIEW view_jobs AS TABLE real_jobs")
    shop.run("CREATE MATERIALIZED VIEW materialized_jobs AS TABLE real_jobs")
    shop.job_table("hidden_jobs", schema=other_schema)
    return [
        "customers",
        "lookalikexjobs",
        "few_columns_jobs",
        "wrong_type_jobs",
        "view_jobs",
        "materialized_jobs",
        "hidden_jobs",
        f"{other_schema}.hidden_jobs",
        f"{shop.schema}.real_jobs",
        "pg_class",
        "pg_catalog.pg_class",
        "real_jobs; DROP TABLE customers",
        'real_jobs" WHERE true --',
        "REAL_JOBS",
        "",
    ]


def test_tables_that_are_not_job_tables_are_not_shown(
    site: DashboardSite, shop: Database, others: list[str]
) -> None:
    page = site.get("/jobs/").text
    assert page.count("<section") == 1
    assert "real_jobs" in page


@pytest.mark.parametrize(("method", "action"), ACTIONS)
def test_other_tables_are_not_reachable(
    *,
    site: DashboardSite,
    shop: Database,
    other_schema: str,
    others: list[str],
    method: str,
    action: str,
) -> None:
    shop.run("INSERT INTO customers VALUES (%s)", ID)
    hidden = shop.insert("hidden_jobs", schema=other_schema, id=ID, status="failed")
    before = shop.job("hidden_jobs", hidden, schema=other_schema)
    for name in others:
        answer = site.request(method, f"/jobs/{action}", params={"tableName": name, "id": ID})
        assert answer.status_code == 404, name
    assert shop.run("SELECT id::text FROM customers") == [{"id": ID}]
    assert shop.rows("hidden_jobs", schema=other_schema) == [before]


def test_partitioned_table_is_shown_once(site: DashboardSite, shop: Database) -> None:
    columns = CONTROL_COLUMNS.replace("PRIMARY KEY ", "")
    shop.run(f"CREATE TABLE events_jobs ({columns}) PARTITION BY RANGE (created_at)")
    shop.run("CREATE TABLE first_jobs PARTITION OF events_jobs DEFAULT")
    job = shop.insert("events_jobs", status="failed")
    page = site.get("/jobs/").text
    assert page.count("<section") == 1
    where = {"tableName": "events_jobs", "id": job}
    assert site.post("/jobs/RetryJob", where).status_code == 303
    assert site.post("/jobs/DeleteJob", where).status_code == 303
    assert shop.run("SELECT 1 FROM events_jobs") == []


def test_search_path_selects_the_first_of_two_tables_with_one_name(
    make_site: MakeSite, shop: Database, other_schema: str
) -> None:
    shop.job_table("report_jobs", schema=other_schema)
    shop.job_table("report_jobs")
    shop.job_table("other_jobs")
    wanted = shop.insert("report_jobs", schema=other_schema)
    shop.insert("report_jobs")
    site = make_site(conninfo=shop.address(search_path=f"{other_schema},{shop.schema}"))
    page = site.get("/jobs/").text
    assert page.count("<section") == 2
    assert "Other" in page
    assert wanted in page


def test_overview_without_job_tables_says_how_to_add_one(site: DashboardSite) -> None:
    page = site.get("/jobs/")
    assert page.status_code == 200
    assert "This database has no job tables yet" in page.text
    assert "jobgen job" in page.text


@pytest.mark.parametrize("address", ["", "ViewCharts"])
def test_visitor_who_may_see_no_kind_is_not_asked_to_create_a_table(
    make_site: MakeSite, shop: Database, address: str
) -> None:
    shop.job_table("email_customers_jobs")
    site = make_site(auth=Everyone(Visitor("ada", may=())))
    page = site.get(f"/jobs/{address}").text
    assert "You may not see any kind of job" in page
    for words in ("no job tables", "jobgen job", "email_customers", "Email customers"):
        assert words not in page


def test_tables_without_read_permission_are_left_out(
    make_site: MakeSite, shop: Database, reader: Callable[[str], str]
) -> None:
    shop.job_table("open_jobs")
    shop.job_table("closed_jobs")
    site = make_site(conninfo=shop.address(role=reader("open_jobs")))
    page = site.get("/jobs/")
    assert page.status_code == 200
    assert "Open" in page.text
    assert "closed_jobs" not in page.text
    refused = site.post("/jobs/CreateJob", {"tableName": "open_jobs"})
    assert refused.status_code == 403
    assert "does not have permission" in refused.text


def test_altered_table_is_shown_as_it_is_by_the_next_request(
    site: DashboardSite, shop: Database
) -> None:
    shop.run("CREATE TYPE mood AS ENUM ('calm')")
    shop.job_table("email_customers_jobs", "mood mood")
    form = "/jobs/CreateJob?tableName=email_customers_jobs"
    before = site.get(form).text
    shop.run("ALTER TYPE mood ADD VALUE 'busy'")
    shop.run("ALTER TABLE email_customers_jobs ADD COLUMN subject TEXT")
    shop.job_table("send_invoice_jobs")
    after = site.get(form).text
    for text in (">busy<", 'name="subject"'):
        assert text not in before
        assert text in after
    assert "Send invoice" in site.get("/jobs/").text


def test_overview_shows_each_change_of_the_tables_at_once(
    make_site: MakeSite, shop: Database, reader: Callable[[str], str]
) -> None:
    shop.job_table("import_order_jobs", "subject TEXT")
    shop.insert("import_order_jobs", subject="Hello")
    shop.job_table("closed_jobs")
    role = reader("import_order_jobs")
    site = make_site(conninfo=shop.address(role=role))
    assert "Closed" not in site.get("/jobs/").text
    shop.run(f"GRANT SELECT ON closed_jobs TO {role}")
    assert "Closed" in site.get("/jobs/").text
    shop.run(f"REVOKE ALL ON closed_jobs FROM {role}")
    assert "Closed" not in site.get("/jobs/").text
    for change, shown in (
        ("RENAME COLUMN subject TO topic", "Topic"),
        ("DROP COLUMN topic", "Import order"),
        ("ADD COLUMN weight INT DEFAULT 7", "Weight"),
        ("RENAME TO load_order_jobs", "Load order"),
    ):
        shop.run(f"ALTER TABLE import_order_jobs {change}")
        page = site.get("/jobs/")
        assert page.status_code == 200
        assert shown in page.text, change
        assert "cannot be read" not in page.text, change
    shop.run("DROP TABLE load_order_jobs")
    assert "This database has no job tables yet" in site.get("/jobs/").text


def test_tables_that_have_not_changed_are_not_described_again(shop: Database) -> None:
    known = KnownTables()

    async def every() -> list[dict[str, JobTable]]:
        async with await AsyncConnection.connect(shop.conninfo) as conn:
            return [await known.every(conn), await known.every(conn)]

    shop.job_table("email_customers_jobs")
    first, second = asyncio.run(every())
    assert first is second
    shop.job_table("send_invoice_jobs")
    later, _ = asyncio.run(every())
    assert later.keys() == {*first, "send_invoice_jobs"}


def test_page_of_a_kind_describes_its_table_alone(shop: Database) -> None:
    async def discover_each() -> tuple[int, int]:
        """Return how many columns the catalogs are asked for: of one table, then of all."""
        async with await AsyncConnection.connect(shop.conninfo) as conn:
            tables = await discover(conn)
            for name in tables:
                assert await discover(conn, key=name) == {name: tables[name]}
            assert len(tables) == 12
            assert await discover(conn, key="bands") == {}
            assert await discover(conn, key="") == {}
            counts = [await columns_read(conn)]
            for key in (name, None):
                await discover(conn, key=key)
                counts.append(await columns_read(conn))
        return counts[1] - counts[0], counts[2] - counts[1]

    async def columns_read(conn: AsyncConnection[Any]) -> int:
        cursor = await conn.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_sys_tables"
            " WHERE relname = 'pg_attribute'"
        )
        row: Any = await cursor.fetchone()
        return int(row[0])

    for number in range(11):
        shop.job_table(f"kind_{number}_jobs", "band_id UUID")
    shop.job_table('odd "name"._jobs')
    one, every = asyncio.run(discover_each())
    assert 9 <= one < 40
    assert every > 9 * 12
