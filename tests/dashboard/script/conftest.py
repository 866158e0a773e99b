"""A dashboard in a real browser, for what the pages' script adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jobgen_runtime.dashboard import DisplayableJob, Html, JobsDashboard, NoAuth
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from tests.dashboard.attics import InitialScrapeJob
from tests.dashboard.script.jobs import JOBS, TABLE
from tests.dashboard.sites import Database, Shops
from tests.support.browser import launched
from tests.support.serving import serve
from tests.support.waiting import TIMEOUT

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


@pytest.fixture(scope="package")
def shop(shops: Shops) -> Iterator[Database]:
    with shops.new() as opened:
        opened.job_table("initial_scrape_jobs", "band_id UUID")
        opened.job_table(TABLE, "amount NUMERIC", "note TEXT")
        yield opened


@pytest.fixture(scope="package")
def address(shop: Database) -> Iterator[str]:
    """Serve the dashboard at /jobs."""
    dashboard = JobsDashboard(auth=NoAuth(), jobs=[WithScripts], conninfo=shop.conninfo)
    routes = [Mount("/jobs", dashboard), Route("/own.js", own_script)]
    with serve(Starlette(routes=routes)) as served:
        yield served


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def page(address: str, browser: Browser, shop: Database) -> Iterator[Page]:
    """Return a page whose site has failed jobs; an exception in its script fails the test.

    Each has its own context, which has the cookies, what is remembered, and the clock.
    """
    shop.run(f"TRUNCATE {TABLE}")
    for number in range(JOBS):
        shop.insert(TABLE, status="failed", amount=number, last_error=f"ValueError: no {number}")
    context = browser.new_context(
        base_url=address,
        timezone_id="Asia/Kolkata",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(1000 * TIMEOUT)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
