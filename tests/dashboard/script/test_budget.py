"""What a page costs to load."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response

from tests.dashboard.script.jobs import LIST, TABLE
from tests.dashboard.sites import Database

pytestmark = pytest.mark.xdist_group("script")

BUDGET = 60_000
"""Bytes of the page, the style and the script together, as they are transferred."""


@pytest.mark.parametrize("path", ["/jobs/", LIST, "/jobs/ListErrors", "/jobs/ViewCharts"])
def test_page_is_three_requests_within_the_budget(page: Page, shop: Database, path: str) -> None:
    for number in range(30):
        shop.insert(TABLE, status="failed", note="x" * 60, last_error=f"E{number % 9}: {'y' * 60}")
    loaded: list[Response] = []

    def note(response: Response) -> None:
        if not response.url.startswith("data:"):
            loaded.append(response)

    page.on("response", note)
    page.goto(path)
    types = sorted(each.request.resource_type for each in loaded)
    assert types == ["document", "script", "stylesheet"]
    sizes = [int(each.headers["content-length"]) for each in loaded]
    assert min(sizes) > 1_000
    assert sum(sizes) < BUDGET
