"""The counts of a large table are kept for a moment, and never hide what a visitor has done."""

from __future__ import annotations

import re

import pytest

from tests.dashboard.sites import DashboardSite, Database
from tests.support.waiting import wait_for

TABLE = "email_customers_jobs"
LIST = f"/jobs/ListJob?tableName={TABLE}"
CAP = 10_000


@pytest.fixture
def failed(shop: Database) -> str:
    """Return a failed job of a table that is too large to be counted for each page."""
    shop.job_table(TABLE)
    shop.run(f"INSERT INTO {TABLE} SELECT FROM generate_series(1, {CAP})")
    return shop.insert(TABLE, status="failed")


def words_of(site: DashboardSite, address: str = LIST) -> str:
    """Return the words of a page, without its elements."""
    return " ".join(re.sub("<[^>]*>", " ", site.get(address).text).split())


def test_large_table_is_not_counted_for_each_page(
    site: DashboardSite, shop: Database, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Failed 1 " in words_of(site)
    shop.insert(TABLE, status="failed")
    assert "Failed 1 " in words_of(site)
    monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.monotonic", lambda: float("inf"))
    assert "Failed 2 " in words_of(site)


def test_large_table_is_counted_again_while_pages_show_what_it_was(
    site: DashboardSite, shop: Database, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.SHARE", 0)
    monkeypatch.setattr("jobgen_runtime.dashboard.views.default_views.SUMMARY_KEPT_SECONDS", 0)
    monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.SHOWN_WHILE_READ", 600)
    pages = ((LIST, "Failed {} "), ("/jobs/", "{} failed in 1 h"))
    for number, (address, words) in enumerate(pages, 1):
        was, is_now = words.format(number), words.format(number + 1)
        assert was in words_of(site, address)
        shop.insert(TABLE, status="failed")
        shop.run("SELECT pg_stat_force_next_flush()")
        assert was in words_of(site, address)
        wait_for(lambda: is_now in words_of(site, address), "the new count")  # noqa: B023


def test_change_by_a_visitor_shows_at_once(site: DashboardSite, failed: str) -> None:
    assert "Failed 1 " in words_of(site)
    assert site.post("/jobs/DeleteJob", {"tableName": TABLE, "id": failed}).status_code == 303
    assert "Failed 0 " in words_of(site)


def test_small_table_is_counted_for_each_page(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    for number in range(3):
        assert f"Not started {number} " in words_of(site)
        shop.insert(TABLE)
