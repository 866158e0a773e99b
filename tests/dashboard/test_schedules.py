"""The page of the schedules: what it shows, and what its buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from jobgen_runtime.dashboard import ALL_RIGHTS, Right, Visitor

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.visitors import Everyone

MAIL, HIDDEN = "email_customers_jobs", "payroll_jobs"
PAGE = "/jobs/ListSchedules"
NAME = "nightly <b>&"
FORM = {"tableName": MAIL, "name": NAME}


@pytest.fixture(autouse=True)
def _tables(shop: Database) -> None:
    shop.job_table(MAIL, "subject TEXT", "api_token TEXT")
    shop.job_table(HIDDEN)
    schedule(shop, MAIL, NAME, values='{"subject": "Hello", "api_token": "s3cret"}')


def schedule(shop: Database, table: str, name: str, **columns: object) -> None:
    values = {"job_table": table, "name": name, "expression": "0 5 * * *", **columns}
    columns_of = ", ".join(f'"{column}"' for column in values)
    places = ", ".join("%s::regclass" if column == "job_table" else "%s" for column in values)
    query = f"INSERT INTO job_schedules ({columns_of}) VALUES ({places})"  # noqa: S608 -- names of the test
    shop.run(query, *values.values())


def state(shop: Database) -> dict[str, object]:
    [row] = shop.run("SELECT paused_at IS NOT NULL AS paused FROM job_schedules")
    return row


def words(site: DashboardSite) -> str:
    return " ".join(re.sub("<[^>]*>", " ", site.get(PAGE).text).split())


def test_page_shows_when_a_schedule_runs_and_what_is_wrong(
    site: DashboardSite, shop: Database
) -> None:
    assert "nightly &lt;b&gt;&amp;" in site.get(PAGE).text
    assert "No live worker has its job class" in words(site)
    assert "1 schedule, 1 with a problem" in words(site)
    assert "subject Hello" in words(site)
    assert "s3cret" not in site.get(PAGE).text
    shop.run(
        "INSERT INTO job_workers (id, expires_at, host, pid, version, tables)"
        " VALUES (gen_random_uuid(), 'infinity', 'web-1', 1, '1', ARRAY[%s])",
        f"{shop.schema}.{MAIL}",
    )
    shop.run("UPDATE job_schedules SET next_at = now() + interval '3 hours'")
    assert "Active" in words(site)
    assert "schedule fails" not in site.get("/jobs/").text
    shop.run("UPDATE job_schedules SET next_at = now() - interval '3 hours'")
    assert "Its tick is late" in words(site)
    assert "schedule fails" in site.get("/jobs/").text
    shop.run("UPDATE job_schedules SET last_error = 'refused: postgresql://u:geheim@db/x'")
    assert "refused:" in words(site)
    assert "geheim" not in site.get(PAGE).text


def test_schedule_is_paused_resumed_run_and_removed(site: DashboardSite, shop: Database) -> None:
    answer = site.post("/jobs/PauseSchedule", FORM)
    assert answer.headers["location"] == f"{PAGE}?notice=schedule_paused"
    assert state(shop) == {"paused": True}
    assert "The schedule is paused" in site.get(answer.headers["location"]).text
    assert "Paused" in words(site)
    site.post("/jobs/ResumeSchedule", FORM)
    assert state(shop) == {"paused": False}
    answer = site.post("/jobs/RunSchedule", FORM)
    [job] = shop.run(f"SELECT id, subject, api_token FROM {MAIL}")  # noqa: S608 -- names of the test
    assert (job["subject"], job["api_token"]) == ("Hello", "s3cret")
    assert str(job["id"]) in answer.headers["location"]
    site.post("/jobs/RemoveSchedule", FORM)
    assert shop.run("SELECT FROM job_schedules") == []
    assert "No schedules." in words(site)


def test_changes_of_schedules_that_cannot_be_made_say_why(
    site: DashboardSite, shop: Database
) -> None:
    other = {"tableName": MAIL, "name": "other"}
    for action in ("PauseSchedule", "ResumeSchedule", "RunSchedule", "RemoveSchedule"):
        assert site.post(f"/jobs/{action}", other).status_code == 404
        assert site.post(f"/jobs/{action}", {"tableName": MAIL}).status_code == 400
    shop.run(f"ALTER TABLE {MAIL} ADD CONSTRAINT short CHECK (length(subject) < 3)")
    answer = site.post("/jobs/RunSchedule", FORM)
    assert answer.status_code == 409
    assert "short" in answer.text
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    ("rights", "shown"),
    [
        ({Right.SEE}, set()),
        ({Right.SEE, Right.PAUSE}, {"PauseSchedule"}),
        ({Right.SEE, Right.CREATE}, {"RunSchedule"}),
        ({Right.SEE, Right.DELETE}, {"RemoveSchedule"}),
    ],
    ids=["see", "pause", "create", "delete"],
)
def test_visitor_sees_and_may_press_only_what_the_rights_allow(
    make_site: MakeSite, shop: Database, rights: set[Right], shown: set[str]
) -> None:
    schedule(shop, HIDDEN, "secret one")
    kinds = {HIDDEN: set[Right](), MAIL: rights}
    site = make_site(auth=Everyone(Visitor("ada", may=ALL_RIGHTS, kinds=kinds)))
    text = site.get(PAGE).text
    assert "secret one" not in text
    actions = {"PauseSchedule", "RunSchedule", "RemoveSchedule"}
    assert {action for action in actions if action in text} == shown
    for action in actions - shown:
        assert site.post(f"/jobs/{action}", FORM).status_code == 403


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda shop: shop.run("DROP TABLE job_schedules"), "has no table job_schedules"),
        (lambda shop: shop.run("TRUNCATE job_schedules"), "No schedules."),
    ],
)
def test_page_without_schedules(
    site: DashboardSite, shop: Database, change: Callable[[Database], object], reason: str
) -> None:
    change(shop)
    assert reason in words(site)
