"""Custom views, and the fallback when they fail."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from jobgen_runtime import Job
from jobgen_runtime.dashboard import (
    DisplayableJob,
    Html,
    JobsDashboard,
    NoAuth,
    Right,
    Visitor,
    html,
)
from starlette.requests import Request

from tests.dashboard.attics import (
    Band,
    DisplayedInitialScrape,
    InitialScrape,
    InitialScrapeJob,
)
from tests.dashboard.sites import DashboardSite, Database, MakeSite

TABLE = "initial_scrape_jobs"


def test_overview_shows_the_listed_job_first_with_its_custom_table(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    shop.insert(TABLE, band_id=phish, status="failed")
    page = attics.get("/jobs/").text
    assert '<th scope="col">Band</th>' in page
    assert "<td>Phish</td>" in page
    assert '<span class="badge failed">Failed</span>' in page
    assert page.index(">Initial scrapes<") < page.index('id="section-another_jobs"')


def test_list_pages_through_the_custom_table(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    jobs = [shop.insert(TABLE, band_id=phish) for _ in range(5)]
    found = []
    address: str | None = f"/jobs/ListJob?tableName={TABLE}"
    while address:
        page = attics.get(address).text
        found += re.findall(
            r'href="/jobs/ViewJob\?tableName=initial_scrape_jobs&amp;id=([^"]+)"', page
        )
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else None
    assert found == jobs[::-1]


def test_custom_table_ends_at_the_last_numbered_page(
    make_site: MakeSite, shop: Database, phish: str
) -> None:
    shop.run(
        "INSERT INTO initial_scrape_jobs (band_id) SELECT %s FROM generate_series(1, 10002)", phish
    )
    site = make_site(jobs=[DisplayedInitialScrape], page_size=500)
    address = "/jobs/ListJob?tableName=initial_scrape_jobs&page="
    assert "Older" in site.get(f"{address}19").text
    assert "Older" not in site.get(f"{address}20").text


def test_full_last_page_leads_to_no_other_and_a_page_beyond_it_says_so(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    address = f"/jobs/ListJob?tableName={TABLE}&page="
    assert "No jobs yet." in attics.get(f"{address}1").text
    for _ in range(4):
        shop.insert(TABLE, band_id=phish)
    assert "Older" in attics.get(f"{address}1").text
    assert "Older" not in attics.get(f"{address}2").text
    beyond = attics.get(f"{address}3").text
    assert "There are no more jobs." in beyond
    assert "<thead>" not in beyond


def test_overview_shows_the_first_ten_rows_of_the_list_by_default(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    jobs = [shop.insert(TABLE, band_id=phish) for _ in range(11)]
    page = attics.get("/jobs/").text
    assert page.count("<td>Phish</td>") == 10
    assert jobs[0] not in page


class Viewer(NoAuth):
    async def authenticate(self, request: Request) -> Visitor:  # noqa: ARG002 -- everyone
        return Visitor("eve", may={Right.SEE})


def test_action_buttons_are_left_out_without_the_right(
    make_site: MakeSite, shop: Database, phish: str
) -> None:
    job = shop.insert(TABLE, band_id=phish)
    for auth, buttons in ((NoAuth(), ["Delete", "Run again", "Retry"]), (Viewer(), [])):
        site = make_site(jobs=[DisplayedInitialScrape], auth=auth)
        addresses = [f"ViewJob?tableName={TABLE}&id={job}", f"ListJob?tableName={TABLE}"]
        answers = [site.get(f"/jobs/{address}").text for address in addresses]
        pages = [text.partition('id="display"')[0] for text in answers]
        assert re.findall(r'<button type="submit"[^>]*>([^<]*)</button>', "".join(pages)) == buttons
        assert ("New job" in pages[1]) is bool(buttons)


def test_custom_detail_view_receives_the_record_and_runs_the_job_again(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    job = shop.insert(TABLE, band_id=phish, status="failed", last_error="<i>boom</i>")
    page = attics.get(f"/jobs/ViewJob?tableName={TABLE}&id={job}").text
    assert "<h1>Initial scrape of Phish</h1>" in page
    assert "&lt;i&gt;boom&lt;/i&gt;" in page
    assert attics.post(f"/jobs/CreateJob?tableName={TABLE}&band_id={phish}").status_code == 303
    assert len(shop.rows(TABLE)) == 2
    assert attics.get(f"/jobs/ViewJob?tableName={TABLE}&id={phish}").status_code == 404


def test_infinite_timestamp_is_shown_as_never(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    shop.insert(TABLE, band_id=phish, updated_at="infinity")
    page = attics.get("/jobs/").text
    assert "<td>Phish</td>" in page
    assert "never" in page


def test_default_view_is_shown_if_the_record_cannot_hold_a_value(
    attics: DashboardSite, shop: Database, phish: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = shop.insert(TABLE, band_id=phish, updated_at="294276-01-01")
    with caplog.at_level(logging.CRITICAL):
        for address in (
            "/jobs/",
            f"/jobs/ListJob?tableName={TABLE}",
            f"/jobs/ViewJob?tableName={TABLE}&id={job}",
        ):
            page = attics.get(address)
            assert page.status_code == 200
            assert job in page.text
            assert "The custom view of this job failed" in page.text


class Failing(DisplayableJob[InitialScrapeJob]):
    async def make_dashboard_section(self) -> Html:
        raise KeyError("a mistake")

    async def make_page_view(self, page: int, page_size: int) -> Html:
        await self.conn.execute("SELECT * FROM no_such_table")
        return html("{} {}", page, page_size)

    async def make_detail_view(self, job: InitialScrapeJob) -> Html:
        return html("{} {}", job.id, 1 / 0)


def test_default_view_is_shown_and_error_logged_if_a_custom_view_raises(
    make_site: MakeSite, shop: Database, phish: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(jobs=[Failing])
    job = shop.insert(TABLE, band_id=phish)
    for address, mistake in (
        ("/jobs/", "a mistake"),
        (f"/jobs/ListJob?tableName={TABLE}", "no_such_table"),
        (f"/jobs/ViewJob?tableName={TABLE}&id={job}", "division by zero"),
    ):
        caplog.clear()
        page = site.get(address)
        assert page.status_code == 200
        assert job in page.text
        assert "no_such_table" not in page.text
        assert mistake in caplog.text


class Plain(DisplayableJob[InitialScrapeJob]):
    """Override one view only, and extend the default."""

    async def make_detail_view(self, job: InitialScrapeJob) -> Html:
        return html("<p>{}</p>{}", self.request.url.path, await super().make_detail_view(job))


def test_views_that_are_not_overridden_are_the_default(
    make_site: MakeSite, shop: Database, phish: str
) -> None:
    site = make_site(jobs=[Plain, InitialScrape])
    job = shop.insert(TABLE, band_id=phish, attempts_count=2)
    detail = site.get(f"/jobs/ViewJob?tableName={TABLE}&id={job}").text
    assert "<p>/jobs/ViewJob</p>" in detail
    assert "Jobs with this band" in detail
    assert "2 of 3" in detail
    assert 'name="band_id"' in site.get(f"/jobs/CreateJob?tableName={TABLE}").text


def test_plain_text_of_a_custom_view_is_escaped(make_site: MakeSite, phish: str) -> None:
    class Text(DisplayableJob[InitialScrapeJob]):
        async def make_page_view(self, page: int, page_size: int) -> Any:
            return f"<script>alert({page}, {page_size})</script>"

    page = make_site(jobs=[Text]).get(f"/jobs/ListJob?tableName={TABLE}").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_overview_names_a_listed_job_without_a_table(make_site: MakeSite) -> None:
    page = make_site(jobs=[InitialScrape]).get("/jobs/")
    assert page.status_code == 200
    assert "This dashboard lists <code>initial_scrape_jobs</code>, but" in page.text


@pytest.mark.parametrize("job", [Band, object(), InitialScrapeJob, Job, DisplayableJob, "x"])
def test_jobs_that_are_not_job_classes_are_refused_at_construction(job: Any) -> None:
    with pytest.raises(TypeError, match="JobsDashboard"):
        JobsDashboard(auth=NoAuth(), jobs=[job])
