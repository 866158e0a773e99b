"""What the pages' script adds, in a real browser: choosing and copying, and no other script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.script.jobs import JOBS, LIST, TABLE
from tests.dashboard.sites import Database

pytestmark = pytest.mark.xdist_group("script")


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
