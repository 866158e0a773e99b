"""A change of many jobs that goes on by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from jobgen_runtime.dashboard.changes import bulk_actions
from playwright.sync_api import Page, expect

from tests.dashboard.script.jobs import LIST
from tests.support.accessibility import load_axe, violations

pytestmark = pytest.mark.xdist_group("script")


def assert_accessible(page: Page) -> None:
    """Check a page with axe, and that it fits a phone."""
    load_axe(page)
    assert violations(page, "document") == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 800})


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
    page.goto("/jobs/")
    page.get_by_role("button", name="Pause all…").click()
    assert_accessible(page)
    page.goto(f"{LIST}&status=failed")
    page.get_by_role("button", name="Retry all…").click()
    assert_accessible(page)
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
    page.clock.resume()
    assert_accessible(page)
    page.get_by_role("button", name="Continue").click()
    expect(heading).to_have_text("6 retried")
