"""A change of many jobs that goes on by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from jobgen_runtime.dashboard.changes import bulk_actions
from playwright.sync_api import Page, expect

from tests.dashboard.script.jobs import LIST

pytestmark = pytest.mark.xdist_group("script")


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
