"""Pause and resume kinds: one from its list, or all that the visitor may pause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jobgen_runtime.dashboard import ALL_RIGHTS, Change, Right, Visitor

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.visitors import Everyone

MAIL, INVOICE, HIDDEN = "email_customers_jobs", "send_invoice_jobs", "payroll_jobs"
LIST = f"/jobs/ListJob?tableName={MAIL}"
STOPPED = "no job of this kind starts"


@pytest.fixture(autouse=True)
def _tables(shop: Database) -> None:
    for table in (MAIL, INVOICE, HIDDEN):
        shop.job_table(table)


def paused(shop: Database) -> set[str]:
    rows = shop.run("SELECT relname FROM job_pauses JOIN pg_class ON pg_class.oid = job_table::oid")
    return {row["relname"] for row in rows}


def test_kind_is_paused_and_resumed_from_its_list(site: DashboardSite, shop: Database) -> None:
    assert 'action="/jobs/PauseKind"' in site.get(LIST).text
    assert STOPPED not in site.get(LIST).text + site.get("/jobs/").text
    answer = site.post("/jobs/PauseKind", {"tableName": MAIL})
    assert answer.headers["location"] == f"{LIST}&notice=paused"
    assert paused(shop) == {MAIL}
    page = site.get(answer.headers["location"]).text
    assert "The kind is paused" in page
    assert STOPPED in page
    assert "PauseKind" not in page
    assert STOPPED in site.get("/jobs/").text
    assert STOPPED not in site.get(f"/jobs/ListJob?tableName={INVOICE}").text
    assert site.post("/jobs/PauseKind", {"tableName": MAIL}).status_code == 303
    answer = site.post("/jobs/ResumeKind", {"tableName": MAIL, "to": "overview"})
    assert answer.headers["location"] == "/jobs/?notice=resumed"
    assert paused(shop) == set()
    assert "The kind is resumed" in site.get(answer.headers["location"]).text
    assert STOPPED not in site.get(LIST).text


def test_row_of_the_overview_says_that_its_kind_is_paused(
    site: DashboardSite, shop: Database
) -> None:
    for number in range(4):
        shop.job_table(f"kind_{number}_jobs")
    assert ">paused<" not in site.get("/jobs/").text
    site.post("/jobs/PauseKind", {"tableName": MAIL})
    assert site.get("/jobs/").text.count(">paused<") == 1


def test_all_kinds_are_paused_and_resumed_after_a_question(
    make_site: MakeSite, shop: Database
) -> None:
    kinds = {HIDDEN: set[Right](), INVOICE: ALL_RIGHTS - {Right.PAUSE}}
    shop.job_table("report_jobs")
    site = make_site(auth=Everyone(Visitor("ada", kinds=kinds)))
    page = site.get("/jobs/").text
    assert "PauseAll" in page
    assert "ResumeAll" not in page
    asked = site.post("/jobs/PauseAll").text
    assert "Pause 2 kinds of jobs?" in asked
    assert "Email customers, Report." in asked
    assert paused(shop) == set()
    answer = site.post("/jobs/PauseAll", {"confirmed": "1"})
    assert answer.headers["location"] == "/jobs/?notice=allowed_paused"
    assert "The kinds that you may pause are paused" in site.get(answer.headers["location"]).text
    assert paused(shop) == {MAIL, "report_jobs"}
    page = site.get("/jobs/").text
    assert "PauseAll" not in page
    assert "ResumeAll" in page
    assert "All kinds that you may pause are paused already" in site.post("/jobs/PauseAll").text
    shop.run("INSERT INTO job_pauses VALUES (%s::regclass)", HIDDEN)
    assert "Resume 2 kinds of jobs?" in site.post("/jobs/ResumeAll").text
    site.post("/jobs/ResumeAll", {"confirmed": "1"})
    assert paused(shop) == {HIDDEN}
    assert "No kind that you may resume is paused" in site.post("/jobs/ResumeAll").text


def test_visitor_who_may_pause_every_kind_reads_that_all_are_paused(
    site: DashboardSite, shop: Database
) -> None:
    assert "No kind is paused" in site.post("/jobs/ResumeAll").text
    answer = site.post("/jobs/PauseAll", {"confirmed": "1"})
    assert "All kinds are paused: no job starts." in site.get(answer.headers["location"]).text
    assert paused(shop) == {MAIL, HIDDEN, INVOICE}
    assert "All kinds are paused already" in site.post("/jobs/PauseAll").text


def test_pausing_needs_the_right_and_is_logged_and_audited(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    audited: list[Any] = []

    async def audit(change: Change) -> None:
        audited.append((change.visitor.name, change.right, change.done, change.job_id))

    others = Visitor("ann", may=ALL_RIGHTS - {Right.PAUSE})
    for site in (make_site(auth=Everyone(others)), make_site(read_only=True)):
        for action in ("PauseKind", "ResumeKind", "PauseAll", "ResumeAll"):
            form = {"tableName": MAIL, "confirmed": "1"}
            assert site.post(f"/jobs/{action}", form).status_code == 403
            assert site.get(f"/jobs/{action}").status_code == 405
        assert "Pause" not in site.get(LIST).text + site.get("/jobs/").text
    assert paused(shop) == set()
    site = make_site(auth=Everyone(Visitor("ada", may={Right.SEE, Right.PAUSE})), audit=audit)
    site.post("/jobs/PauseKind", {"tableName": MAIL})
    site.post("/jobs/PauseKind", {"tableName": MAIL})
    site.post("/jobs/ResumeAll", {"confirmed": "1"})
    assert audited == [("ada", Right.PAUSE, each, None) for each in ("paused", "resumed")]
    assert f"{MAIL} was paused in the dashboard by 'ada', client" in caplog.messages[-2]
    assert f"{MAIL} was resumed in the dashboard by 'ada', client" in caplog.messages[-1]


def test_role_without_the_right_on_pauses_is_told_so(
    make_site: MakeSite, shop: Database, reader: Callable[[str], str]
) -> None:
    site = make_site(conninfo=shop.address(role=reader(MAIL)))
    assert site.get(LIST).status_code == 200
    for action in ("PauseKind", "ResumeKind"):
        answer = site.post(f"/jobs/{action}", {"tableName": MAIL})
        assert answer.status_code == 403
        assert "Grant it SELECT, INSERT and DELETE" in answer.text
    shop.run("DROP TABLE job_pauses")
    site = make_site()
    assert site.get(LIST).status_code == 200
    answer = site.post("/jobs/PauseAll", {"confirmed": "1"})
    assert answer.status_code == 409
    assert "does not have the table job_pauses" in answer.text
