"""What a visitor chooses about the looks of pages, without JavaScript."""

from __future__ import annotations

import pytest

from tests.dashboard.sites import DashboardSite, Database, MakeSite

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
    assert 'data-theme="system"' in site.get("/jobs/").text


@pytest.mark.parametrize(
    "cookie", ["jobgen_theme=><script>", "jobgen_theme", "=", "x=" + "y" * 20_000]
)
def test_odd_cookies_are_ignored(make_site: MakeSite, cookie: str) -> None:
    page = make_site(read_only=True).get("/jobs/", headers={"Cookie": cookie})
    assert page.status_code == 200
    assert 'data-theme="system"' in page.text
