"""Retry, cancel and delete many jobs: those chosen in a list, or all that match."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from jobgen_runtime.dashboard import AuthenticationMethod, Change, Right, Visitor
from starlette.requests import Request

from tests.dashboard.sites import DashboardSite, Database, MakeSite

TABLE = "email_customers_jobs"
STATES = ["not_started", "running", "retry", "failed", "timed_out", "succeeded"]
RETRIED = ["not_started", "retry", "failed", "timed_out"]
AFTER: dict[str, dict[str, str]] = {
    "RetryJobs": {each: "not_started" if each in RETRIED else each for each in STATES},
    "CancelJobs": {each: each for each in STATES} | {"not_started": "failed", "retry": "failed"},
    "DeleteJobs": {"running": "running"},
}
"""The status of each job, by the one that it had."""

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def jobs(shop: Database) -> dict[str, str]:
    """Return the id of one job with each status."""
    shop.job_table(TABLE, "note TEXT")
    return {status: shop.insert(TABLE, status=status, note=f"n{status}") for status in STATES}


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that confirms a change."""
    return {unescape(name): unescape(value) for name, value in FIELD.findall(page)}


def statuses(shop: Database) -> dict[str, str]:
    return {str(row["id"]): row["status"].removeprefix("job_status_") for row in shop.rows(TABLE)}


@pytest.mark.parametrize(
    ("action", "question", "answer", "reasons"),
    [
        (
            "RetryJobs",
            "Retry 6 jobs of Email customers?",
            "4 retried, 2 skipped",
            ["1 skipped: running", "1 skipped: succeeded"],
        ),
        (
            "CancelJobs",
            "Cancel 6 jobs of Email customers?",
            "3 cancelled, 3 skipped",
            ["3 skipped: already ended"],
        ),
        (
            "DeleteJobs",
            "Delete 6 jobs of Email customers?",
            "5 deleted, 1 skipped",
            ["1 skipped: running"],
        ),
    ],
)
def test_chosen_jobs_are_changed_after_a_question_and_the_result_is_true(  # noqa: PLR0917 -- a case
    site: DashboardSite,
    shop: Database,
    jobs: dict[str, str],
    action: str,
    question: str,
    answer: str,
    reasons: list[str],
) -> None:
    other = shop.insert(TABLE, status="failed")
    before = statuses(shop)
    form = {"tableName": TABLE, **{f"job_{job}": "1" for job in jobs.values()}}
    asked = site.post(f"/jobs/{action}", form)
    assert asked.status_code == 200
    assert question in asked.text
    assert statuses(shop) == before
    told = site.post(f"/jobs/{action}", hidden(asked.text)).text
    assert answer in told
    assert all(reason in told for reason in reasons)
    after = {jobs[status]: new for status, new in AFTER[action].items()} | {other: "failed"}
    assert statuses(shop) == after


def test_all_that_match_are_changed_in_batches_and_later_jobs_left_alone(
    site: DashboardSite, shop: Database, jobs: dict[str, str]
) -> None:
    shop.run(
        f"INSERT INTO {TABLE} (status, note)"  # noqa: S608 -- the test's own
        " SELECT 'job_status_failed', 'many' FROM generate_series(1, 2300)"
    )
    form = {"tableName": TABLE, "status": "failed", "q": "many", "all": "1"}
    asked = site.post("/jobs/RetryJobs", form).text
    assert "Retry 2,300 jobs of Email customers?" in asked
    late = shop.insert(TABLE, status="failed", note="many, but late")
    page, done = asked, []
    for _ in range(3):
        page = site.post("/jobs/RetryJobs", hidden(page)).text
        done.append(re.search(r"<h1>([\d,]+) retried</h1>", page))
    assert [found[1] if found else None for found in done] == ["1,000", "1,000", "300"]
    assert "Continue" not in page
    found = statuses(shop)
    assert found.pop(late) == "failed"
    assert list(found.values()).count("not_started") == 2301
    assert found[jobs["failed"]] == "failed"
    assert "Back to the list" in page
    assert "status=failed&amp;q=many" in page
    assert (
        "No job matches"
        in site.post(
            "/jobs/RetryJobs", {"tableName": TABLE, "where_note": "nothing", "all": "1"}
        ).text
    )


def test_job_that_the_database_refuses_holds_up_no_other(
    site: DashboardSite, shop: Database, jobs: dict[str, str]
) -> None:
    shop.run(
        "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " $$ BEGIN IF OLD.note = 'nretry' THEN RAISE 'the moon is full'; END IF; RETURN OLD; END $$"
    )
    shop.run(
        f"CREATE TRIGGER refuse BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    form = {"tableName": TABLE, "all": "1", "confirmed": "1"}
    told = site.post("/jobs/DeleteJobs", form).text
    assert "4 deleted, 2 skipped" in told
    assert "1 skipped: the database refuses it: the moon is full" in told
    assert set(statuses(shop)) == {jobs["running"], jobs["retry"]}


def test_many_jobs_need_the_right_and_are_audited(
    make_site: MakeSite, shop: Database, jobs: dict[str, str]
) -> None:
    class Retrier(AuthenticationMethod):
        async def authenticate(self, request: Request) -> Visitor:  # noqa: ARG002 -- everyone
            return Visitor("ann", {Right.SEE, Right.RETRY})

    audited: list[Any] = []

    async def audit(change: Change) -> None:
        audited.append((change.visitor.name, change.right, str(change.job_id)))

    site = make_site(auth=Retrier(), audit=audit)
    page = site.get(f"/jobs/ListJob?tableName={TABLE}").text
    assert 'formaction="/jobs/RetryJobs"' in page
    assert "DeleteJobs" not in page
    form = {"tableName": TABLE, "all": "1", "confirmed": "1"}
    before = statuses(shop)
    for action in ("CancelJobs", "DeleteJobs"):
        assert site.post(f"/jobs/{action}", form).status_code == 403
    assert statuses(shop) == before
    assert site.post("/jobs/RetryJobs", form).status_code == 200
    assert sorted(audited) == sorted(("ann", Right.RETRY, jobs[each]) for each in RETRIED)


def test_invalid_choices_are_refused(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    for form in (
        {},
        {"job_": "1"},
        {"job_x": "1"},
        {"all": "1", "status": "x"},
        {"all": "1", "until": "x"},
        {"all": "1", "confirmed": "1", "after": "x"},
    ):
        answer = site.post("/jobs/RetryJobs", {"tableName": TABLE, **form})
        assert answer.status_code == 400, form
    for until in ("nan", "inf", "-inf", "1e308", "-1e308"):
        form = {"tableName": TABLE, "all": "1", "confirmed": "1", "until": until}
        assert site.post("/jobs/RetryJobs", form).status_code in {200, 400, 409}, until
