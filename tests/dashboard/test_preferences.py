"""What a visitor chooses about the looks of pages, without JavaScript."""

from __future__ import annotations

import re

import pytest
from jobgen_runtime.dashboard import Visitor
from jobgen_runtime.dashboard.lists.columns import MAX_TABLES, RUNTIME_COLUMNS

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.visitors import Everyone

TABLE = "send_invoice_jobs"
LIST = f"/jobs/ListJob?tableName={TABLE}"


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        (f"http://localhost{LIST}&q=a%20b", f"{LIST}&q=a%20b"),
        ("http://localhost/jobs/", "/jobs/"),
        ("http://evil.example/jobs//evil.example", "/jobs/"),
        ("http://evil.example/jobs/ListJob?x=1", "/jobs/ListJob?x=1"),
        ("http://localhost/other", "/jobs/"),
        ("http://[", "/jobs/"),
        ("", "/jobs/"),
    ],
)
def test_theme_leads_back_to_a_page_of_the_dashboard(
    site: DashboardSite, shop: Database, referer: str, location: str
) -> None:
    shop.job_table(TABLE)
    answer = site.post("/jobs/SaveTheme", {"theme": "dark"}, headers={"Referer": referer})
    assert answer.status_code == 303
    assert answer.headers["location"] == location
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("jobgen_theme=dark; HttpOnly; Max-Age=31536000; Path=/jobs; SameSite")
    assert 'data-theme="dark"' in site.get("/jobs/").text
    assert 'data-theme="dark"' in site.get("/jobs/nothing").text
    assert (
        site.post("/jobs/SaveTheme", {"theme": "x"})
        .headers["set-cookie"]
        .startswith('jobgen_theme=""; HttpOnly; Max-Age=0')
    )
    assert "data-theme" not in site.get("/jobs/").text


@pytest.mark.parametrize(
    "cookie", ["jobgen_theme=><script>", "jobgen_theme", "=", "x=" + "y" * 20_000]
)
def test_odd_cookies_are_ignored(make_site: MakeSite, cookie: str) -> None:
    page = make_site(read_only=True).get("/jobs/", headers={"Cookie": cookie})
    assert page.status_code == 200
    assert "data-theme" not in page.text


def headers(page: str) -> list[str]:
    """Return the headers of a list, without those of the choice and the actions."""
    return re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)", page)


def test_columns_are_chosen_for_a_list_and_kept(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE, *(f'"{name}" TEXT' for name in ("a", "b", "c", "d|:é")))
    shop.job_table("other_jobs", "a TEXT")
    shop.insert(TABLE, a="apple", **{"d|:é": "fourth"}, last_error="ValueError: no")
    before = site.get(LIST).text
    default = ["Status", "Job", "A", "B", "C", "Attempts", "Created", "Timing", "Last error"]
    assert headers(before) == default
    chosen = {"column_d|:é": "1", "column_run_at": "1", "column_locked_by": "1", "column_x": "1"}
    answer = site.post("/jobs/SaveColumns", {"tableName": TABLE, "q": "no", **chosen})
    assert answer.headers["location"] == f"{LIST}&q=no"
    page = site.get(answer.headers["location"]).text
    assert headers(page) == ["Status", "Job", "D|:é", "Due", "Worker"]
    assert "fourth" in page
    assert "apple" not in page
    assert "ValueError" not in page
    assert headers(site.get("/jobs/ListJob?tableName=other_jobs").text) == []
    shop.insert("other_jobs")
    assert "A" in headers(site.get("/jobs/ListJob?tableName=other_jobs").text)
    site.post("/jobs/SaveColumns", {"tableName": "other_jobs"})
    assert headers(site.get("/jobs/ListJob?tableName=other_jobs").text) == ["Status", "Job"]
    assert headers(site.get(LIST).text) == ["Status", "Job", "D|:é", "Due", "Worker"]
    shop.run(f'ALTER TABLE {TABLE} DROP COLUMN "d|:é"')
    assert headers(site.get(LIST).text) == ["Status", "Job", "Due", "Worker"]
    site.post("/jobs/SaveColumns", {"tableName": TABLE, "reset": "1"})
    assert headers(site.get(LIST).text) == default


def test_every_column_can_be_shown_and_redacted_ones_stay_so(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE, "api_token TEXT")
    shop.insert(TABLE, api_token="hunter2", locked_at="2026-01-01", status="running")
    names = ["api_token", *RUNTIME_COLUMNS]
    site.post("/jobs/SaveColumns", {"tableName": TABLE} | {f"column_{name}": "1" for name in names})
    page = site.get(LIST).text
    assert headers(page) == ["Status", "Job", "Api token", *RUNTIME_COLUMNS.values()]
    assert "redacted" in page
    assert "hunter2" not in page


def test_cookie_keeps_the_newest_choices_within_its_limit(
    site: DashboardSite, shop: Database
) -> None:
    tables = [f"{'x' * 40}{number}_jobs" for number in range(MAX_TABLES + 2)]
    for table in tables:
        shop.job_table(table, *(f'"{letter * 50}" TEXT' for letter in "abcdef"))
        form = {"tableName": table} | {f"column_{letter * 50}": "1" for letter in "abcdef"}
        answer = site.post("/jobs/SaveColumns", form)
    value = answer.headers["set-cookie"].partition(";")[0]
    assert len(value) < 3_100
    assert value.startswith(f"jobgen_columns={tables[-1]}:")
    assert tables[-2] in value
    assert tables[0] not in value
    assert "&" not in value


def test_columns_need_a_table_that_the_visitor_may_see(make_site: MakeSite, shop: Database) -> None:
    shop.job_table(TABLE)
    site = make_site(auth=Everyone(Visitor("ada", kinds={TABLE: set()})))
    answer = site.post("/jobs/SaveColumns", {"tableName": TABLE})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_long_search_is_not_put_into_the_redirect(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    for value, location in (("x" * 100, f"{LIST}&q={'x' * 100}"), ("x" * 100_000, LIST)):
        answer = site.post("/jobs/SaveColumns", {"tableName": TABLE, "q": value})
        assert answer.headers["location"] == location
