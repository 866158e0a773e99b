"""What the pages' script adds, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jobgen_runtime.dashboard import DisplayableJob, Html, JobsDashboard, NoAuth
from jobgen_runtime.dashboard.changes import bulk_actions
from playwright.sync_api import BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from tests.dashboard.attics import InitialScrapeJob
from tests.dashboard.sites import Database, new_shop
from tests.support.browser import launched
from tests.support.serving import serve
from tests.support.waiting import TIMEOUT

pytestmark = pytest.mark.xdist_group("script")

TABLE = "send_invoice_jobs"
LIST = f"/jobs/ListJob?tableName={TABLE}"
JOBS = 6
UNWANTED = (
    "<script>document.title = 'inline'</script>"
    "<script src='/own.js'></script>"
    "<img src='data:,' onerror=\"document.title = 'handler'\">"
)


class WithScripts(DisplayableJob[InitialScrapeJob]):
    """A custom view that tries to run scripts: inline, of the same site, and as a handler."""

    async def make_page_view(self, page: int, page_size: int) -> Any:  # noqa: ARG002 -- all alike
        return Html(UNWANTED)


async def own_script(request: Request) -> PlainTextResponse:
    return PlainTextResponse("document.title = 'own'", media_type="text/javascript")


@pytest.fixture(scope="module")
def shop(shops: str) -> Iterator[Database]:
    with new_shop(shops) as opened:
        opened.job_table("initial_scrape_jobs", "band_id UUID")
        opened.job_table(TABLE, "amount NUMERIC", "note TEXT")
        yield opened


@pytest.fixture(scope="module")
def address(shop: Database) -> Iterator[str]:
    dashboard = JobsDashboard(auth=NoAuth(), jobs=[WithScripts], conninfo=shop.conninfo)
    routes = [Mount("/jobs", dashboard), Route("/own.js", own_script)]
    with serve(Starlette(routes=routes)) as server:
        yield server


@pytest.fixture(scope="module")
def context(address: str) -> Iterator[BrowserContext]:
    with launched() as browser:
        opened = browser.new_context(
            base_url=address,
            timezone_id="Asia/Kolkata",
            permissions=["clipboard-read", "clipboard-write"],
        )
        opened.set_default_timeout(1000 * TIMEOUT)
        yield opened


@pytest.fixture
def page(context: BrowserContext, shop: Database) -> Iterator[Page]:
    """Return a page whose site has six failed jobs; an exception in its script fails the test."""
    shop.run(f"TRUNCATE {TABLE}")
    for number in range(JOBS):
        shop.insert(
            TABLE, status="failed", amount=number, last_error=f"ValueError: number {number}"
        )
    context.clear_cookies()
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def test_only_the_dashboards_own_script_runs(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/jobs/ListJob?tableName=initial_scrape_jobs")
    assert page.title() == "Initial scrape · Jobs"
    assert page.evaluate("typeof enhance") == "function"
    assert len([text for text in said if "Content Security Policy" in text]) == 3


def test_all_jobs_of_the_page_or_a_range_are_chosen(page: Page) -> None:
    page.goto(LIST)
    boxes = page.locator(".choose input")
    every = page.get_by_label("All on this page")
    every.check()
    expect(page.get_by_text(f"{JOBS} chosen")).to_be_visible()
    every.uncheck()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    assert [box.is_checked() for box in boxes.all()] == [False, True, True, True, True, False]
    expect(page.get_by_text("4 chosen")).to_be_visible()
    assert every.evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Retry…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Retry 4 jobs")
    page.go_back()
    expect(page.get_by_text("4 chosen")).to_be_visible()


def test_id_and_error_are_copied(page: Page, shop: Database) -> None:
    job = shop.rows(TABLE)[0]
    page.goto(f"/jobs/ViewJob?tableName={TABLE}&id={job['id']}")
    for name, text in (("Copy the id", str(job["id"])), ("Copy the error", job["last_error"])):
        button = page.get_by_role("button", name=name)
        button.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == text
        expect(button).to_be_visible()


def retry_all(page: Page) -> None:
    """Retry all six jobs, two in each request."""
    page.goto(LIST)
    page.get_by_label("All that match").check()
    page.get_by_role("button", name="Retry…").click()
    page.get_by_role("button", name="Retry 6 jobs").click()


def test_change_of_many_jobs_goes_on_by_itself_until_it_is_stopped(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "BATCH", 2)
    heading = page.get_by_role("heading", level=1)
    retry_all(page)
    expect(heading).to_have_text("6 retried")
    # Each page says that it goes on before it does, and can be stopped until then.
    page.clock.install()
    page.goto(LIST)
    page.clock.pause_at(datetime(2100, 1, 1, tzinfo=UTC))
    retry_all(page)
    expect(heading).to_have_text("2 retried so far")
    expect(page.get_by_text("follow by themselves")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.clock.run_for(10_000)
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    expect(heading).to_have_text("2 retried so far")
    expect(page.get_by_text("follow by themselves")).to_be_hidden()
    page.get_by_role("button", name="Continue").click()
    expect(heading).to_have_text("4 retried so far")
    page.clock.run_for(10_000)
    expect(heading).to_have_text("6 retried")
