"""The overview: what is wrong now, first and in few words, and a row for each kind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from jobgen_runtime.dashboard import AuthenticationMethod, Visitor
from jobgen_runtime.dashboard.overview import overview_action, read_states
from starlette.requests import Request

from tests.dashboard.sites import DashboardSite, Database, MakeSite

MAIL, INVOICE, REPORT = "email_customers_jobs", "send_invoice_jobs", "weekly_report_jobs"
CALM = {
    "failed in the last hour": "0",
    "oldest waiting": "–",  # noqa: RUF001 -- a dash
    "waiting": "0",
    "running on 0 workers": "0",
    "of the last hour succeeded": "0",
}


class ByHeader(AuthenticationMethod):
    """Accept everyone; the header says what the visitor may not see."""

    async def authenticate(self, request: Request) -> Visitor:
        return Visitor("ada", kinds={request.headers.get("x-hidden", "none"): set()})


def words(page: str) -> str:
    """Return a page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def row(page: str, kind: str) -> str:
    """Return the row of a kind."""
    [found] = [
        each for each in re.split(r"<tr[ >]", page) if f">{kind}</a>" in each.split("</th>")[0]
    ]
    return found.split("</tr>")[0]


def tiles(page: str) -> dict[str, str]:
    """Return the number of each tile by its label."""
    found = re.findall(r"<dt>([^<]+)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {
        label: words(number.partition('<span class="unseen">')[0]).strip()
        for label, number in found
    }


def worker(shop: Database, *tables: str) -> None:
    shop.run(
        "INSERT INTO job_workers (id, expires_at, host, pid, version, tables) VALUES"
        " (gen_random_uuid(), now() + interval '1 day', 'host', 1, '1', %s)",
        list(tables),
    )


@pytest.fixture
def kinds(shop: Database) -> None:
    for name in (MAIL, INVOICE, REPORT):
        shop.job_table(name)


@pytest.mark.usefixtures("kinds")
def test_overview_says_what_is_wrong_worst_first(site: DashboardSite, shop: Database) -> None:
    assert tiles(site.get("/jobs/").text) == CALM
    worker(shop, REPORT, "other_jobs")
    worker(shop, f"{shop.schema}.{REPORT}")
    for _ in range(3):
        shop.insert(INVOICE, status="failed")
    now = datetime.now(UTC)
    shop.insert(INVOICE, status="failed", updated_at=now - timedelta(hours=2))
    shop.insert(MAIL, run_at=now - timedelta(seconds=125))
    shop.insert(REPORT, run_at=now + timedelta(hours=1))
    shop.run("INSERT INTO job_pauses VALUES (%s::regclass)", REPORT)
    page = site.get("/jobs/").text
    order = re.findall(r'<th scope="row" class="job"><a href="[^"]+tableName=(\w+)">', page)
    assert order == [MAIL, INVOICE, REPORT]
    assert "Email customers no worker" in words(row(page, "Email customers"))
    assert "Send invoice 3 failed in 1 h" in words(row(page, "Send invoice"))
    assert "Weekly report paused" in words(row(page, "Weekly report"))
    assert tiles(page) == {
        "failed in the last hour": "3",
        "oldest waiting: Email customers": "2 min",
        "waiting": "2",
        "running on 2 workers": "0",
        "of the last hour succeeded": "0",
        "kind paused": "1",
    }
    assert 'data-label="Workers">2<' in row(page, "Weekly report")
    assert 'data-label="Workers">0<' in row(page, "Email customers")


@pytest.mark.usefixtures("kinds")
def test_row_has_the_figures_of_the_last_hour(site: DashboardSite, shop: Database) -> None:
    due = datetime.now(UTC)
    start = due + timedelta(seconds=2)
    for number in range(1, 11):
        end = start + timedelta(seconds=number)
        shop.insert(MAIL, status="succeeded", run_at=due, locked_at=start, updated_at=end)
    shop.insert(MAIL, status="failed")
    shop.insert(MAIL)
    mail = row(site.get("/jobs/").text, "Email customers")
    label = "Last hour: 12 created, 10 succeeded, 1 failed, 1 not ended"
    assert f'role="img" aria-label="{label}"' in mail
    took = re.search(r'data-label="Took">([\d.]+) s<span class="of"> · ([\d.]+) s', mail)
    waited = re.search(r'data-label="Waited">([\d.]+) s<span class="of"> · ([\d.]+) s', mail)
    assert took
    assert waited
    assert float(took[1]) == pytest.approx(5, rel=0.06)
    assert float(took[2]) == pytest.approx(10, rel=0.06)
    assert float(waited[1]) == pytest.approx(2, rel=0.06)
    assert 'href="/jobs/ViewCharts?tableName=email_customers_jobs"' in mail


@pytest.mark.usefixtures("kinds")
@pytest.mark.parametrize(("waited", "is_late"), [(700, True), (500, False)])
def test_kind_is_late_if_nothing_says_how_long_its_jobs_wait(
    site: DashboardSite, shop: Database, waited: int, is_late: bool
) -> None:
    worker(shop, MAIL)
    shop.insert(MAIL, run_at=datetime.now(UTC) - timedelta(seconds=waited))
    assert (">late<" in site.get("/jobs/").text) is is_late


@pytest.mark.usefixtures("kinds")
@pytest.mark.parametrize(("usual", "is_late"), [(30, True), (60, False)])
def test_kind_is_late_if_a_job_waits_much_longer_than_is_usual(
    site: DashboardSite, shop: Database, usual: int, is_late: bool
) -> None:
    worker(shop, MAIL)
    now = datetime.now(UTC)
    due = now - timedelta(seconds=usual)
    shop.insert(MAIL, status="succeeded", run_at=due, locked_at=now)
    shop.insert(MAIL, run_at=now - timedelta(seconds=130))
    assert (">late<" in site.get("/jobs/").text) is is_late


@pytest.mark.usefixtures("kinds")
def test_kind_that_a_visitor_may_not_see_is_in_no_number(
    make_site: MakeSite, shop: Database
) -> None:
    worker(shop, INVOICE)
    shop.insert(INVOICE, status="failed")
    shop.insert(INVOICE, run_at="2026-01-01")
    shop.run("INSERT INTO job_pauses VALUES (%s::regclass)", INVOICE)
    site = make_site(auth=ByHeader())
    # What a visitor who may see it has read is kept, and not shown to another one.
    for path in ("/jobs/", "/jobs/ViewCharts"):
        assert "nvoice" in site.get(path).text
    assert tiles(site.get("/jobs/").text)["failed in the last hour"] == "1"
    limited = {"headers": {"X-Hidden": INVOICE}}
    for path in ("/jobs/", "/jobs/ViewCharts"):
        assert "nvoice" not in site.get(path, **limited).text
    assert tiles(site.get("/jobs/", **limited).text) == CALM
    assert "2 created" in site.get("/jobs/ViewCharts").text
    assert "0 created" in site.get("/jobs/ViewCharts", **limited).text
    address = f"/jobs/ViewCharts?tableName={INVOICE}"
    assert site.get(address).status_code == 200
    assert site.get(address, **limited).status_code == 404


def test_overview_of_many_kinds_keeps_what_it_has_read_until_a_change(
    make_site: MakeSite, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (overview_action, read_states):
        monkeypatch.setattr(module, "MANY", 5)
    for number in range(6):
        shop.job_table(f"kind_{number}_jobs")
    job = shop.insert("kind_3_jobs", status="failed")
    site = make_site()
    assert tiles(site.get("/jobs/").text)["failed in the last hour"] == "1"
    shop.insert("kind_4_jobs", status="failed")
    page = site.get("/jobs/").text
    assert tiles(page)["failed in the last hour"] == "1"
    assert "PauseKind" not in page
    site.post("/jobs/DeleteJob", {"tableName": "kind_3_jobs", "id": job})
    # The other kind was not changed by a visitor.
    assert tiles(site.get("/jobs/").text)["failed in the last hour"] == "0"


@pytest.mark.usefixtures("kinds")
def test_workers_are_unknown_without_the_tables_of_the_runtime(
    site: DashboardSite, shop: Database
) -> None:
    shop.run("DROP TABLE job_workers, job_pauses, job_refusals")
    shop.insert(MAIL, run_at="2026-01-01")
    page = site.get("/jobs/").text
    assert "no worker" not in page
    assert 'data-label="Workers">–<' in row(page, "Email customers")  # noqa: RUF001 -- a dash
    assert tiles(page)["running"] == "0"
