"""The form for a new job in a real browser: choosing rows, local times, errors at their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from jobgen_runtime.dashboard import JobsDashboard, NoAuth
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.dashboard.sites import Database, Shops
from tests.support.accessibility import load_axe, violations
from tests.support.browser import launched
from tests.support.serving import serve
from tests.support.waiting import TIMEOUT

pytestmark = pytest.mark.xdist_group("browser")

TABLE = "send_invoice_jobs"
ZONE = "America/New_York"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(autouse=True)
def pages_closed(browser: Browser) -> Iterator[None]:
    """Close the pages of each test: those that are left open go on asking for news."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture(scope="module")
def invoices(shops: Shops) -> Iterator[Database]:
    """Return a shop with a job that references a large table and a small one."""
    with shops.new() as shop:
        shop.run("CREATE TABLE customers (id INT PRIMARY KEY, name TEXT NOT NULL)")
        shop.run("INSERT INTO customers SELECT n, 'Customer ' || n FROM generate_series(1, 5000) n")
        shop.run("CREATE TABLE bands (id INT PRIMARY KEY, name TEXT NOT NULL)")
        shop.run("INSERT INTO bands VALUES (1, 'Phish'), (2, 'ABBA')")
        shop.run("CREATE TYPE mood AS ENUM ('calm', 'busy')")
        shop.run("CREATE INDEX ON customers (name)")
        shop.run("ANALYZE customers")
        shop.job_table(
            TABLE,
            "customer_id INT NOT NULL REFERENCES customers (id)",
            "band_id INT REFERENCES bands (id)",
            "mood mood DEFAULT 'busy'",
            "amount NUMERIC(10, 2) CHECK (amount > 0)",
            "number INT UNIQUE",
            "note TEXT",
            "payload JSONB DEFAULT '{}' NOT NULL",
            "tags TEXT[]",
            "starts TIMESTAMPTZ DEFAULT now()",
        )
        yield shop


@pytest.fixture(scope="module")
def address(invoices: Database) -> Iterator[str]:
    dashboard = JobsDashboard(auth=NoAuth(), conninfo=invoices.conninfo)
    with serve(Starlette(routes=[Mount("/jobs", dashboard)])) as server:
        yield f"{server}/jobs"


def opened(browser: Browser, *, java_script: bool = True) -> Page:
    context = browser.new_context(timezone_id=ZONE, java_script_enabled=java_script)
    page = context.new_page()
    page.set_default_timeout(1000 * TIMEOUT)
    return page


def newest(shop: Database) -> dict[str, object]:
    return shop.run(f"SELECT * FROM {TABLE} ORDER BY id DESC LIMIT 1")[0]  # noqa: S608 -- ours


def test_user_finds_a_row_of_a_large_table_without_java_script(
    browser: Browser, address: str, invoices: Database
) -> None:
    page = opened(browser, java_script=False)
    page.goto(f"{address}/CreateJob?tableName={TABLE}")
    page.get_by_label("Note").fill("kept")
    page.get_by_role("searchbox", name="Customer").fill("omer 417")
    page.get_by_role("button", name="Find Customer").click()
    customer = page.get_by_role("combobox", name="Customer")
    expect(customer).to_be_focused()
    expect(page.get_by_label("Note")).to_have_value("kept")
    customer.select_option("Customer 417")
    page.get_by_label("Band").select_option("ABBA")
    page.get_by_label("Run at").fill("2030-01-01T12:00:00")
    page.get_by_role("button", name="Create job").click()
    expect(page.locator(".done")).to_have_text("The job was created.")
    job = newest(invoices)
    assert (job["customer_id"], job["band_id"], job["note"]) == (417, 2, "kept")
    assert f"{job['run_at']:%Y-%m-%d %H:%M %Z}" == "2030-01-01 12:00 UTC"
    assert job["mood"] == "busy"


def test_script_finds_while_the_user_types_and_takes_times_in_the_visitors_zone(
    browser: Browser, address: str, invoices: Database
) -> None:
    page = opened(browser)
    page.goto(f"{address}/CreateJob?tableName={TABLE}")
    page.get_by_role("searchbox", name="Customer").fill("omer 417")
    expect(page.locator("#field-1-found")).to_have_text("11 found.")
    expect(page.get_by_role("button", name="Find")).to_have_count(0)
    page.keyboard.press("Enter")
    customer = page.get_by_role("combobox", name="Customer")
    expect(customer).to_be_focused()
    customer.select_option("Customer 4170")
    expect(page.get_by_text(f"in {ZONE};")).to_be_visible()
    page.get_by_label("Run at").fill("2030-07-01T12:00:00")
    page.get_by_label("Amount").fill("-1")
    page.get_by_role("button", name="Create job").click()
    expect(page.get_by_label("Amount")).to_be_focused()
    expect(page.get_by_label("Run at")).to_have_value(re.compile("2030-07-01T12:00"))
    page.get_by_label("Amount").fill("1")
    page.get_by_role("button", name="Create job").click()
    expect(page.locator(".done")).to_have_text("The job was created.")
    job = newest(invoices)
    assert job["customer_id"] == 4170
    assert f"{job['run_at']:%Y-%m-%d %H:%M %Z}" == "2030-07-01 16:00 UTC"


def test_every_wrong_value_is_reported_at_its_field(browser: Browser, address: str) -> None:
    page = opened(browser)
    page.goto(f"{address}/CreateJob?tableName={TABLE}")
    page.get_by_label("Payload").fill("{")
    page.get_by_label("Tags").fill("{")
    page.get_by_label("Note").fill("kept")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.get_by_role("button", name="Create job").click()
    alert = page.get_by_role("alert")
    expect(alert.get_by_role("link")).to_have_text(["Customer", "Payload", "Tags"])
    expect(page.get_by_role("combobox", name="Customer")).to_be_focused()
    payload = page.get_by_label("Payload")
    expect(payload).to_have_attribute("aria-invalid", "true")
    expect(payload).to_have_accessible_description(re.compile("invalid input syntax for type json"))
    expect(page.get_by_label("Note")).to_have_value("kept")
    alert.get_by_role("link", name="Tags").click()
    expect(page.get_by_label("Tags")).to_be_focused()
    load_axe(page)
    assert violations(page) == []


def test_user_filters_by_a_row_of_a_large_table_and_a_range_and_removes_both(
    browser: Browser, address: str, invoices: Database
) -> None:
    invoices.insert(TABLE, customer_id=4171, amount=5)
    page = opened(browser, java_script=False)
    page.goto(f"{address}/ListJob?tableName={TABLE}")
    page.get_by_text("Filters").click()
    page.get_by_role("textbox", name="Amount to").fill("9")
    page.get_by_role("searchbox", name="Customer").fill("omer 417")
    page.get_by_role("button", name="Find Customer").click()
    page.get_by_role("combobox", name="Customer").select_option("Customer 4171")
    page.get_by_role("button", name="Apply").click()
    chips = page.get_by_role("list", name="Filters").get_by_role("link")
    expect(chips).to_contain_text(["Customer: Customer 4171", "Amount: up to 9"])
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1).get_by_role("link", name="Customer 4171")).to_be_visible()
    chips.first.click()
    expect(chips).to_contain_text(["Amount: up to 9"])


def test_filters_are_in_the_visitors_zone_and_every_page_passes_axe(
    browser: Browser, address: str
) -> None:
    page = opened(browser)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    query = f"tableName={TABLE}&from.created_at=2026-07-01T16:00:00&where_customer_id=5"
    for path in (
        f"/CreateJob?tableName={TABLE}",
        f"/ListJob?{query}&find.customer_id=omer+41&q=customer+4",
    ):
        page.goto(address + path)
        for details in page.locator("main details").all():
            details.evaluate("details => (details.open = true)")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        load_axe(page)
        assert violations(page) == [], path
    assert said == []
    changed = "[...document.querySelectorAll('main input')].filter(e => e.value !== e.defaultValue)"
    assert page.evaluate(f"{changed}.map(each => each.name)") == []  # so that the list stays live
    created = page.get_by_role("group", name=f"Created at ({ZONE})").get_by_label("from")
    expect(created).to_have_value(re.compile("2026-07-01T12:00"))
    created.fill("2026-07-01T13:00:00")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("from.created_at=2026-07-01T17%3A00%3A00Z"))
    chip = page.get_by_role("link", name="Remove Created at")
    expect(chip).to_have_text(re.compile("from 2026-07-01T17:00:00Z"))
    page.evaluate("localStorage.setItem('jobgen.times', 'utc')")
    page.reload()
    in_utc = page.get_by_role("group", name="Created at (UTC)", include_hidden=True)
    expect(in_utc.locator("input").first).to_have_value("2026-07-01T17:00")
