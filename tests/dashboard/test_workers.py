"""The page of the workers: which are alive, what each runs, and what no worker does."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from jobgen_runtime.dashboard import Visitor

from tests.dashboard.attics import DisplayedInitialScrape, InitialScrape
from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.test_errors import rows
from tests.dashboard.test_limits import locked
from tests.dashboard.test_rights import visited

TABLE, OTHER = "email_customers_jobs", "payroll_jobs"


def register(
    shop: Database, host: str, *tables: str, expires: str = "1 minute", version: str = "1.0"
) -> str:
    """Insert a worker's row and return its id."""
    worker = str(uuid4())
    shop.run(
        "INSERT INTO job_workers"
        " (id, started_at, heartbeat_at, expires_at, host, pid, version, tables) VALUES"
        " (%s, now() - interval '3 h', now() - interval '5 s', now() + %s::interval, %s, 7,"
        " %s, %s)",
        worker,
        expires,
        host,
        version,
        list(tables),
    )
    return worker


def run(shop: Database, table: str, worker: str | None, *, minutes: int = 0) -> str:
    """Insert a running job and return its id."""
    job = shop.insert(table, status="running", locked_by=worker)
    shop.run(
        f"UPDATE {table} SET locked_at = now() - %s * interval '1 minute' WHERE id = %s",  # noqa: S608 -- the test's own
        minutes,
        job,
    )
    return job


def test_workers_are_shown_with_what_they_run(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    busy = register(shop, "web-3", f"{shop.schema}.{TABLE}", "gone_jobs")
    register(shop, "web-4", TABLE)
    dead = register(shop, "web-1", TABLE, expires="-20 seconds")
    jobs = [run(shop, TABLE, busy, minutes=n) for n in range(7)]
    run(shop, TABLE, dead, minutes=2)
    lost = run(shop, TABLE, str(uuid4()), minutes=3)
    page = site.get("/jobs/ListWorkers").text
    ends = [f"Email customers …{job[-6:]} for {n} min" for n, job in enumerate(jobs)]
    assert rows(page)[:2] == [
        "web-3:7 Alive 5 s ago 7 "
        + " ".join(reversed(ends[2:]))
        + " and 2 more: Email customers (7) Email customers and 1 other 1.0 3 h ago",
        "web-4:7 Alive 5 s ago 0 idle Email customers 1.0 3 h ago",
    ]
    assert rows(page)[2].startswith("web-1:7 Lost 5 s ago 1 Email customers …")
    assert "2 alive, 1 without heartbeat" in page
    assert f"status=running&amp;where_locked_by={busy}" in page
    assert "Jobs of lost workers" in page
    assert page.index(f"id={lost}") < page.index("<tbody>")
    assert "different versions" not in page
    assert "no live worker" not in page


def test_slots_that_a_worker_has_taken_are_shown_of_kinds_whose_class_is_known(
    make_site: MakeSite, shop: Database
) -> None:
    class Scrape(InitialScrape):
        max_concurrency = 4

    class Global(Scrape):
        global_concurrency = 2

    shop.job_table("initial_scrape_jobs", "band_id UUID")
    shop.job_table(OTHER)
    worker = register(shop, "web-1", "initial_scrape_jobs", OTHER)
    for number in range(3):
        run(shop, "initial_scrape_jobs", worker, minutes=number)
    site = make_site(jobs=[Scrape])
    page = site.get("/jobs/ListWorkers").text
    assert "Kinds, slots taken" in page
    assert "Initial scrape 3 of 4 , Payroll 1.0" in rows(page)[0]
    # Two more than it has slots for: they wait for one.
    for number in range(3):
        run(shop, "initial_scrape_jobs", worker, minutes=number)
    assert "Initial scrape 4 of 4 , " in rows(site.get("/jobs/ListWorkers").text)[0]
    page = make_site(jobs=[Global, DisplayedInitialScrape]).get("/jobs/ListWorkers").text
    assert "Initial scrape 2 of 2 , " in rows(page)[0]
    assert "slots" not in make_site(jobs=[DisplayedInitialScrape]).get("/jobs/ListWorkers").text


def test_different_versions_and_kinds_without_a_worker_are_warned_of(
    site: DashboardSite, shop: Database
) -> None:
    for table in (TABLE, OTHER, "idle_jobs"):
        shop.job_table(table)
    shop.insert(TABLE)
    shop.insert(OTHER)
    shop.run("INSERT INTO idle_jobs (run_at) VALUES (now() + interval '1 hour')")
    assert "No worker is running." in site.get("/jobs/ListWorkers").text
    register(shop, "web-1", TABLE)
    register(shop, "web-2", TABLE, version="1.1")
    register(shop, "web-3", OTHER, expires="-1 second", version="0.9")
    page = site.get("/jobs/ListWorkers").text
    warning = page[page.index('role="alert"') :].partition("</p>")[0]
    assert ">Payroll</a>. Start one" in warning
    assert "Email" not in warning
    assert "Idle" not in warning
    assert "Workers of different versions are running: 1.0 (1), 1.1 (1)." in page


def test_kinds_that_the_visitor_may_not_see_are_a_number(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    worker = register(shop, "web-3", TABLE, OTHER)
    hidden = run(shop, OTHER, worker)
    shop.insert(OTHER)
    page = visited(make_site, Visitor("ada", kinds={OTHER: set()})).get("/jobs/ListWorkers").text
    assert rows(page) == ["web-3:7 Alive 5 s ago 0 idle Email customers and 1 other 1.0 3 h ago"]
    assert "ayroll" not in page
    assert hidden not in page


@pytest.mark.parametrize("has_table", [True, False])
def test_page_without_access_to_the_workers_says_so_and_shows_running_jobs(
    make_site: MakeSite, shop: Database, reader: Callable[[str], str], has_table: bool
) -> None:
    shop.job_table(TABLE)
    job = run(shop, TABLE, register(shop, "web-3", TABLE))
    shop.insert(TABLE)
    site = make_site(conninfo=shop.address(role=reader(TABLE)))
    if not has_table:
        shop.run("DROP TABLE job_workers")
    page = site.get("/jobs/ListWorkers")
    assert page.status_code == 200
    assert ("may not read" in page.text) == has_table
    assert ("no table job_workers" in page.text) == (not has_table)
    assert '<h2 id="lost">Running jobs</h2>' in page.text
    assert job in page.text
    assert "No worker is running" not in page.text
    assert "no live worker" not in page.text
    assert job in site.get(f"/jobs/ListJob?tableName={TABLE}&status=running").text


def test_table_that_cannot_be_read_costs_its_own_part(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    worker = register(shop, "web-3", TABLE, OTHER)
    job = run(shop, TABLE, worker)
    run(shop, OTHER, worker)
    with locked(shop, f"LOCK TABLE {OTHER} IN ACCESS EXCLUSIVE MODE"):
        page = site.get("/jobs/ListWorkers").text
    assert "cannot be read: another transaction has locked it" in page
    assert job in page


def test_worker_of_a_running_job_is_named_in_lists_and_on_its_page(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    worker, unknown = register(shop, "<web>", TABLE), str(uuid4())
    job, other = run(shop, TABLE, worker), run(shop, TABLE, unknown)
    link = f'<a href="/jobs/ListWorkers#worker-{worker}">&lt;web&gt;:7</a>'
    for status in ("", "&status=running"):
        page = site.get(f"/jobs/ListJob?tableName={TABLE}{status}").text
        assert page.count(f"on {link}") == 1
    assert link in site.get(f"/jobs/ViewJob?tableName={TABLE}&id={job}").text
    assert f'id="worker-{worker}"' in site.get("/jobs/ListWorkers").text
    page = site.get(f"/jobs/ViewJob?tableName={TABLE}&id={other}").text
    assert f"<code>{unknown}</code>" in page
    assert "#worker-" not in page
