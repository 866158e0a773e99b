"""The page of the errors: failures of all kinds in groups, each retried or deleted as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import pytest
from jobgen_runtime.dashboard import Visitor
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors import failures, read_failures
from jobgen_runtime.dashboard.figures import kept

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.test_bulk import hidden
from tests.dashboard.test_rights import visited
from tests.support.waiting import wait_for

TABLE, OTHER = "email_customers_jobs", "send_invoice_jobs"
FORM = re.compile(r'<form method="post" action="/jobs/(\w+Jobs)".*?</form>', re.DOTALL)


def error(kind: str, message: str, *, place: str = "send") -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/srv/shop/Web/Job/Mail.py", line 7, in {place}\n    {place}()\n{kind}: {message}'
    )


def fail(
    shop: Database, table: str, last_error: str, *, ago: str = "1 minute", status: str = "failed"
) -> str:
    [row] = shop.run("SELECT now() - %s::interval AS at", ago)
    return shop.insert(table, status=status, last_error=last_error, updated_at=row["at"])


def rows(page: str) -> list[str]:
    """Return the text of each row of the page's table."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    texts = (unescape(re.sub(r"<[^>]*>", " ", row)) for row in body.split("</tr>"))
    return [" ".join(text.split()) for text in texts if text.strip()]


def summaries(page: str) -> list[str]:
    """Return the text of each row without that of its buttons."""
    return [row.partition(" : the last failure")[0] for row in rows(page)]


def forms(page: str) -> list[tuple[str, dict[str, str]]]:
    """Return the action and the fields of each form that changes many jobs."""
    return [(found[1], hidden(found[0])) for found in FORM.finditer(page)]


def test_failures_are_grouped_by_kind_exception_and_place(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    for n in range(3):
        fail(shop, TABLE, error("app.CardError", f"declined {n}"), ago=f"{n + 1} hours")
    fail(shop, TABLE, error("app.CardError", "declined", place="check"), status="timed_out")
    last = fail(shop, OTHER, error("app.CardError", "<b>declined</b>"), ago="2 minutes")
    fail(shop, TABLE, "The worker disappeared.", ago="9 days")
    shop.insert(TABLE, status="retry", last_error=error("KeyError", "1"))
    page = site.get("/jobs/ListErrors").text
    assert summaries(page) == [
        "CardError declined Web/Job/Mail.py in check Email customers 1 1 min ago 1 min ago",
        "CardError <b>declined</b> Web/Job/Mail.py in send Send invoice 1 2 min ago 2 min ago",
        "CardError declined 0 Web/Job/Mail.py in send Email customers 3 3 h ago 1 h ago",
        "The worker disappeared. Email customers 1 9 days ago 9 days ago",
    ]
    assert f'href="/jobs/ViewJob?tableName={OTHER}&amp;id={last}"' in page
    assert 'aria-label="3 failures"' in page
    by_count = rows(site.get("/jobs/ListErrors?sort=count").text)
    assert "Email customers 3" in by_count[0]
    assert len(rows(site.get("/jobs/ListErrors?range=week").text)) == 3
    assert len(rows(site.get("/jobs/ListErrors?range=day").text)) == 3
    assert len(rows(site.get("/jobs/ListErrors?range=hour").text)) == 2
    assert len(rows(site.get(f"/jobs/ListErrors?tableName={OTHER}").text)) == 1
    assert site.get("/jobs/ListErrors?tableName=bands").status_code == 404
    for wrong in ("sort=x", "range=x"):
        assert site.get(f"/jobs/ListErrors?{wrong}").status_code == 400


def test_database_without_failures_or_kinds_says_so(site: DashboardSite, shop: Database) -> None:
    assert "No failed jobs." in page_of(site)
    shop.job_table(TABLE)
    shop.insert(TABLE, status="succeeded")
    assert "No failed jobs." in page_of(site)
    only = site.get(f"/jobs/ListErrors?tableName={TABLE}").text
    assert "No failed jobs of Email customers." in only
    fail(shop, TABLE, "OSError: no route", ago="2 hours")
    assert "No job has failed in this time." in site.get("/jobs/ListErrors?range=hour").text


def test_changed_failure_is_read_again(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    job = fail(shop, TABLE, error("app.CardError", "declined"))
    assert "CardError" in rows(page_of(site))[0]
    shop.run(
        f"UPDATE {TABLE} SET last_error = %s, updated_at = now() WHERE id = %s",  # noqa: S608 -- the test's own
        error("app.OtherError", "no", place="check"),
        job,
    )
    [row] = rows(page_of(site))
    assert row.startswith("OtherError no Web/Job/Mail.py in check")
    shop.run(f"DELETE FROM {TABLE}")  # noqa: S608 -- the test's own
    assert rows(page_of(site)) == []


def test_overview_leads_to_why_jobs_of_a_kind_have_failed(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    fail(shop, TABLE, error("app.CardError", "declined"))
    overview = site.get("/jobs/").text
    links = re.findall(r'href="(/jobs/ListErrors\?[^"]*)"', overview)
    assert set(links) == {
        "/jobs/ListErrors?range=hour",
        f"/jobs/ListErrors?tableName={TABLE}&amp;range=hour",
    }
    for link in links:
        assert "CardError declined" in rows(site.get(unescape(link)).text)[0]


def test_list_shows_the_jobs_of_a_group(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    same = {fail(shop, TABLE, error("app.CardError", f"declined {n}")) for n in range(30)}
    other = fail(shop, TABLE, error("app.OtherError", "no"))
    [found] = re.findall(r'href="([^"]*error=[^"]*)"><b title="app.CardError', page_of(site))
    address, seen = unescape(found), set[str]()
    while address:
        page = site.get(address).text
        assert other not in page
        seen |= {job for job in same if f"id={job}" in page}
        following = re.search(r'rel="next" href="([^"]*)"', page)
        address = unescape(following[1]) if following else ""
    assert seen == same
    assert '<b title="app.CardError">CardError</b> in <code>Web/Job/Mail.py in send</code>' in page
    assert site.get(f"{unescape(found)}&sort=-attempts_count").text.count("/ViewJob") == 25
    none = site.get(f"/jobs/ListJob?tableName={TABLE}&error={'0' * 16}").text
    assert "No job fails with this error any more." in none
    assert "/ViewJob" not in none
    assert site.get(f"/jobs/ListJob?tableName={TABLE}&error=x").status_code == 400


def test_jobs_that_will_retry_are_in_the_groups_on_request(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    same = [
        fail(shop, TABLE, error("app.CardError", f"declined {status}"), status=status)
        for status in ("failed", "retry", "retry")
    ]
    others = [
        shop.insert(TABLE, status="retry"),  # snoozed
        fail(shop, TABLE, error("app.CardError", "declined"), status="not_started"),
        fail(shop, TABLE, error("app.OtherError", "no"), status="retry"),
    ]
    assert [row.partition(" : ")[0].split()[-7] for row in rows(page_of(site))] == ["1"]
    assert "Also those that will retry" in page_of(site)
    page = site.get("/jobs/ListErrors?retrying=1&sort=count&range=hour").text
    assert [row.rpartition("customers ")[2][:1] for row in summaries(page)] == ["3", "1"]
    [address] = re.findall(r'href="([^"]*error=[^"]*)"><b title="app.CardError', page)
    shown = site.get(unescape(address)).text
    assert {job for job in same + others if f"id={job}" in shown} == set(same)
    assert "and those that will retry after it" in shown
    (action, fields), *_ = forms(page)
    asked = site.post(f"/jobs/{action}", fields).text
    assert "Retry 3 jobs of Email customers?" in asked
    [(action, fields)] = forms(asked)
    assert "<h1>3 retried</h1>" in site.post(f"/jobs/{action}", fields).text
    found = {str(row["id"]): row["status"].removeprefix("job_status_") for row in shop.rows(TABLE)}
    assert [found[job] for job in same] == ["not_started"] * 3
    assert [found[job] for job in others] == ["retry", "not_started", "retry"]
    page = site.get(f"/jobs/ListErrors?retrying=1&tableName={TABLE}").text
    assert [row.partition(" ")[0] for row in rows(page)] == ["OtherError"]


def test_waiting_jobs_that_were_not_looked_at_are_said(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MAX_SCANNED", 3)
    monkeypatch.setattr(failures, "FEWEST_SCANNED", 3)
    shop.job_table(TABLE)
    fail(shop, TABLE, error("app.CardError", "declined"), status="retry")
    address = "/jobs/ListErrors?retrying=1"
    assert "Shown are" not in site.get(address).text
    for _ in range(2):
        shop.insert(TABLE, run_at="yesterday")
    page = site.get(address).text
    assert "Shown are 1 failure of Email customers. There may be more." in page
    assert "Retry 1+…" in page


def page_of(site: DashboardSite) -> str:
    return site.get("/jobs/ListErrors").text


def test_group_is_retried_or_deleted_as_a_whole_and_nothing_else(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    same = [fail(shop, TABLE, error("app.CardError", f"declined {n}")) for n in range(53)]
    others = [
        fail(shop, TABLE, error("app.OtherError", "no")),
        fail(shop, TABLE, error("app.CardError", "declined"), ago="2 hours"),
        shop.insert(TABLE, status="retry", last_error=error("app.CardError", "declined")),
        shop.insert(TABLE, status="succeeded"),
    ]
    page = site.get("/jobs/ListErrors?sort=count&range=hour").text
    assert "Retry 53…" in page
    (action, fields), *_ = forms(page)
    asked = site.post(f"/jobs/{action}", fields).text
    assert "Retry 53 jobs of Email customers?" in asked
    late = fail(shop, TABLE, error("app.CardError", "later"), ago="-1 minute")
    [(action, fields)] = forms(asked)
    done = site.post(f"/jobs/{action}", fields).text
    assert "<h1>53 retried</h1>" in done
    assert 'href="/jobs/ListErrors"' in done
    statuses = {str(row["id"]): row["status"] for row in shop.rows(TABLE)}
    assert {statuses[job] for job in same} == {"job_status_not_started"}
    left = [statuses[job] for job in (*others, late)]
    expected = ("failed", "failed", "retry", "succeeded", "failed")
    assert left == [f"job_status_{each}" for each in expected]

    other = page_of(site).partition("OtherError")[2]
    assert 'formaction="/jobs/DeleteJobs"' in other
    [(_, fields)] = forms(other.partition("</tr>")[0])
    [(action, fields)] = forms(site.post("/jobs/DeleteJobs", fields).text)
    assert "<h1>1 deleted</h1>" in site.post(f"/jobs/{action}", fields).text
    assert others[0] not in {str(row["id"]) for row in shop.rows(TABLE)}
    forged = {"tableName": TABLE, "error": "0" * 16, "all": "1", "confirmed": "1"}
    assert "<h1>0 deleted</h1>" in site.post("/jobs/DeleteJobs", forged).text
    assert len(shop.rows(TABLE)) == 57


def test_page_says_how_many_failures_it_has_read(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    shop.run(
        f"INSERT INTO {TABLE} (status, last_error)"  # noqa: S608 -- the test's own
        " SELECT 'job_status_failed', 'ValueError: ' || n FROM generate_series(1, 10001) n"
    )
    fail(shop, OTHER, error("app.CardError", "declined"))
    # A slow machine reads them for the second page.
    told = "Shown are the newest 9,999 failures of Email customers."
    wait_for(lambda: told in page_of(site), told)
    page = page_of(site)
    assert "Retry 9,999+…" in page
    assert "Retry 1…" in page
    page = site.get(f"/jobs/ListErrors?tableName={TABLE}").text
    assert "Shown are the newest 10,000 failures of Email customers." in page
    (action, fields), *_ = forms(page)
    assert "Retry 10,000+ jobs of Email customers?" in site.post(f"/jobs/{action}", fields).text


def test_only_kinds_that_were_written_to_are_listed_again(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for constant, seconds in (("SHARE", 0), ("CONFIRMED", 0), ("SHOWN_WHILE_READ", 600)):
        monkeypatch.setattr(kept, constant, seconds)
    listed: list[set[str]] = []

    async def list_failures(conn: Any, tables: Sequence[JobTable], **options: Any) -> Any:
        found = await failures.list_failures(conn, tables, **options)
        listed.append({table.name for table in tables})
        return found

    monkeypatch.setattr(read_failures, "list_failures", list_failures)
    for table in (TABLE, OTHER):
        shop.job_table(table)
        shop.run(
            f"INSERT INTO {table} (status, last_error)"  # noqa: S608 -- the test's own
            " SELECT 'job_status_failed', 'ValueError: 1' FROM generate_series(1, 600)"
        )
    shop.run("SELECT pg_stat_force_next_flush()")
    page_of(site)
    wait_for(lambda: page_of(site) and len(listed) >= 4, "the list with the tables' states")
    assert all(tables == {TABLE, OTHER} for tables in listed)
    del listed[:]
    fail(shop, OTHER, error("app.CardError", "declined"))
    shop.run("SELECT pg_stat_force_next_flush()")
    wait_for(lambda: "CardError" in page_of(site), "the new failure")
    assert listed
    assert all(tables == {OTHER} for tables in listed)


def test_kind_that_cannot_be_read_or_seen_costs_only_its_own_part(
    make_site: MakeSite, shop: Database, reader: Callable[[str], str]
) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    shop.job_table("payroll_jobs")
    for table in (TABLE, OTHER, "payroll_jobs"):
        fail(shop, table, error("app.CardError", table))
    shop.run(f"UPDATE {TABLE} SET last_error = NULL")  # noqa: S608 -- the test's own
    shop.run(
        "CREATE FUNCTION fail() RETURNS BOOLEAN LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'a policy fails'; END $$"
    )
    shop.run(f"ALTER TABLE {OTHER} ENABLE ROW LEVEL SECURITY")
    shop.run(f"CREATE POLICY failing ON {OTHER} USING (fail())")
    role = reader(OTHER)
    shop.run(f"GRANT SELECT ON {TABLE}, payroll_jobs TO {role}")
    visitor = Visitor("ada", kinds={"payroll_jobs": set()})
    page = visited(make_site, visitor, conninfo=shop.address(role=role)).get("/jobs/ListErrors")
    assert page.status_code == 200
    assert (
        "Send invoice (<code>send_invoice_jobs</code>) cannot be read: a policy fails" in page.text
    )
    assert summaries(page.text) == ["No error was recorded Email customers 1 1 min ago 1 min ago"]
    assert "ayroll" not in page.text
