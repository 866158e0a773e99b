"""examples/attics: the case study of IHP's guide, as a user sees it in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime.database import runtime_schema
from playwright.sync_api import HttpCredentials, Page, expect

from tests.support import forked
from tests.support.accessibility import load_axe, violations
from tests.support.browser import launched
from tests.support.database import temporary_database
from tests.support.process import BIN, Process
from tests.support.waiting import TIMEOUT

pytestmark = pytest.mark.xdist_group("browser")

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/attics"
DISPLAY = EXAMPLE / "Admin/Dashboard/InitialScrape.py"
DOCUMENT = ROOT / "docs/dashboard.md"
MAX_LINES = 106
"""Those of the guide's version in Haskell."""

BANDS = ("<b>Dead</b>", "Phish")


@pytest.fixture(scope="module")
def environment(server_url: str) -> Iterator[dict[str, str]]:
    """Return the environment of the example's programs, whose database has two bands."""
    with temporary_database(server_url) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute(runtime_schema().encode())
        conn.execute((EXAMPLE / "Application/Schema.sql").read_bytes())
        conn.cursor().executemany(
            "INSERT INTO bands (name) VALUES (%s)", [(name,) for name in BANDS]
        )
        yield {
            **os.environ,
            "DATABASE_URL": url,
            "JOBS_USER": "jobs",
            "JOBS_PASSWORD": "secret",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@pytest.fixture(scope="module")
def address(environment: dict[str, str]) -> Iterator[str]:
    """Serve the example as `make dashboard` does, on a free port."""
    command = [str(BIN / "uvicorn"), "--port", "0", "Web.FrontController:app"]
    server = Process(command, EXAMPLE, environment)
    try:
        found = re.search(r"http://[\d.:]+", server.wait_for_line("Uvicorn running on"))
        assert found
        yield found[0]
    finally:
        server.close()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """Return the start page, opened by a visitor who can log in to the dashboard."""
    with launched() as browser:
        credentials: HttpCredentials = {"username": "jobs", "password": "secret"}
        page = browser.new_context(http_credentials=credentials).new_page()
        page.set_default_timeout(1000 * TIMEOUT)
        page.goto(address)
        yield page


def test_user_clicks_every_button(page: Page, environment: dict[str, str]) -> None:
    page.get_by_role("link", name="Jobs").click()
    expect(page).to_have_url(re.compile(r"/admin/jobs/$"))
    section = page.get_by_role("region", name="Initial scrapes", exact=True)
    expect(section).to_contain_text("No jobs yet.")

    section.get_by_role("link", name="New job").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New initial scrape")
    assert_accessible(page)
    page.get_by_role("main").get_by_role("link", name="Cancel").click()
    for band in BANDS:
        page.get_by_role("link", name="New job").click()
        page.get_by_role("button", name="Create job").click()
        expect(page.get_by_label("Band")).to_be_focused()  # the browser asks for a choice
        page.get_by_label("Band").select_option(band)
        page.get_by_role("button", name="Create job").click()
        expect(page.locator(".notice.done")).to_have_text("The job was created.")
    expect_bands(page, "Phish", "<b>Dead</b>")
    expect(page.locator(".badge.not-started")).to_have_count(2)

    output = forked.run(
        (str(BIN / "run-jobs"), "--drain"), EXAMPLE, environment, timeout=TIMEOUT
    ).stdout
    assert "Scraping the shows of Phish." in output
    page.get_by_role("link", name="Initial scrapes").first.click()
    expect(page.locator(".badge.succeeded")).to_have_count(2)

    page.get_by_role("button", name="Retry <b>Dead</b>").click()
    expect_bands(page, "<b>Dead</b>", "Phish", "<b>Dead</b>")
    assert_accessible(page)
    page.get_by_role("row", name="Phish").get_by_role("link", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Initial scrape of Phish")
    expect(page.get_by_role("row", name="Status")).to_contain_text("Succeeded")
    assert_accessible(page)
    page.get_by_role("button", name="Run again").click()
    expect_bands(page, "Phish", "<b>Dead</b>", "Phish", "<b>Dead</b>")

    page.get_by_role("row", name="Phish").last.get_by_role("link", name="Show").click()
    page.get_by_role("button", name="Delete…").click()
    assert_accessible(page, "':popover-open'")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".notice.done")).to_have_text("The job was deleted.")
    expect_bands(page, "Phish", "<b>Dead</b>", "<b>Dead</b>")
    with psycopg.connect(environment["DATABASE_URL"]) as conn:
        rows = conn.execute(
            "SELECT name, status::text FROM initial_scrape_jobs AS job"
            " JOIN bands ON bands.id = job.band_id ORDER BY job.id"
        ).fetchall()
    assert rows == [
        ("<b>Dead</b>", "job_status_succeeded"),
        ("<b>Dead</b>", "job_status_not_started"),
        ("Phish", "job_status_not_started"),
    ]


def expect_bands(page: Page, *bands: str) -> None:
    """Check the first column of the list."""
    expect(page.locator("tbody tr > :first-child")).to_have_text([*bands])


def assert_accessible(page: Page, context: str = "document") -> None:
    load_axe(page)
    assert violations(page, context) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_display_is_no_longer_than_that_of_the_guide() -> None:
    assert len(DISPLAY.read_text().splitlines()) <= MAX_LINES


def test_document_shows_the_display_of_the_example() -> None:
    blocks = re.findall(r"^```python[^\n]*\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    assert DISPLAY.read_text() in blocks
