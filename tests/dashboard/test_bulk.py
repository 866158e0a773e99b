"""Retry, cancel and delete many jobs: those chosen in a list, or all that match."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime.dashboard import AuthenticationMethod, Change, Right, Visitor
from jobgen_runtime.dashboard.changes import bulk_actions
from starlette.requests import Request

from tests.dashboard.sites import DashboardSite, Database, MakeSite

TABLE = "email_customers_jobs"
WAITING = ["not_started", "retry"]
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


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_filter_that_the_database_does_not_accept_changes_nothing_and_says_why(
    *,
    site: DashboardSite,
    shop: Database,
    jobs: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    confirmed: dict[str, str],
) -> None:
    form = {"tableName": TABLE, "all": "1", "where_created_at": "2020..", **confirmed}
    answer = site.post("/jobs/DeleteJobs", form)
    assert answer.status_code == 400
    assert "This cannot be searched for: invalid input syntax" in answer.text
    assert caplog.messages == []
    assert statuses(shop).keys() == set(jobs.values())


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
        done += re.findall(r"<h1>(.*)</h1>", page)
    assert done == ["1,000 retried so far", "2,000 retried so far", "2,300 retried"]
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


def test_question_names_the_exact_number_of_many_jobs(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    shop.run(
        f"INSERT INTO {TABLE} (status) SELECT 'job_status_failed' FROM generate_series(1, 10_057)"  # noqa: S608 -- the test's own
    )
    form = {"tableName": TABLE, "all": "1", "status": "failed"}
    page = site.post("/jobs/RetryJobs", form).text
    assert "Retry 10,057 jobs of Email customers?" in page


def test_job_that_the_database_refuses_holds_up_no_other(
    site: DashboardSite, shop: Database, jobs: dict[str, str]
) -> None:
    shop.run(
        "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " $$ BEGIN IF OLD.note = 'nretry' THEN RAISE 'the <moon> hides'; END IF; RETURN OLD; END $$"
    )
    shop.run(
        f"CREATE TRIGGER refuse BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    form = {"tableName": TABLE, "all": "1", "confirmed": "1"}
    told = site.post("/jobs/DeleteJobs", form).text
    assert "4 deleted, 2 skipped" in told
    assert "1 skipped: the database refuses it: the &lt;moon&gt; hides" in told
    assert set(statuses(shop)) == {jobs["running"], jobs["retry"]}


@pytest.mark.parametrize("sort", ["", "-attempts_count"])
def test_batch_of_refused_jobs_does_not_hold_up_those_behind_it(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(bulk_actions, "BATCH", 4)
    monkeypatch.setattr(bulk_actions, "CHUNK", 3)
    shop.job_table(TABLE, "note TEXT CHECK (note <> 'kept' OR status <> 'job_status_not_started')")
    deletable = {shop.insert(TABLE, status="failed", note="x") for _ in range(2)}
    kept = {shop.insert(TABLE, status="failed", note="kept") for _ in range(5)}
    deletable |= {shop.insert(TABLE, status="failed", attempts_count=-1) for _ in range(2)}
    form = {"tableName": TABLE, "status": "failed", "all": "1", "sort": sort}
    page, done = site.post("/jobs/RetryJobs", form).text, []
    while "confirmed" in page:
        page = site.post("/jobs/RetryJobs", hidden(page)).text
        done += re.findall(r"<h1>(.*)</h1>", page)
    assert len(done) == 3
    assert done[-1] == "4 retried, 5 skipped"
    assert "5 skipped: the database refuses it: new row" in page
    assert statuses(shop) == {
        job: "failed" if job in kept else "not_started" for job in kept | deletable
    }


def test_locked_jobs_are_skipped_without_waiting(
    site: DashboardSite, shop: Database, jobs: dict[str, str]
) -> None:
    gone = shop.insert(TABLE, status="failed")
    form = {"tableName": TABLE, f"job_{gone}": "1", **{f"job_{jobs[each]}": "1" for each in STATES}}
    asked = site.post("/jobs/DeleteJobs", form).text
    shop.run(f"DELETE FROM {TABLE} WHERE id = %s", gone)  # noqa: S608 -- the test's own
    with psycopg.connect(shop.conninfo) as other:
        lock = f"SELECT FROM {TABLE} WHERE status IN ('job_status_failed', 'job_status_retry')"
        other.execute(f"{lock} FOR UPDATE".encode())
        told = site.post("/jobs/DeleteJobs", hidden(asked)).text
    assert "3 deleted, 4 skipped" in told
    assert "2 skipped: locked by another transaction" in told
    assert "1 skipped: running" in told
    assert "1 skipped: deleted before" in told
    assert set(statuses(shop)) == {jobs[each] for each in ("failed", "retry", "running")}


@pytest.mark.parametrize("due_at", ["", "2031-05-06T07:08"])
def test_waiting_jobs_are_rescheduled_and_all_others_left_alone(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch, due_at: str
) -> None:
    monkeypatch.setattr(bulk_actions, "BATCH", 3)
    shop.job_table(TABLE)
    jobs = {
        status: shop.insert(TABLE, status=status, attempts_count=2, run_at="2030-01-01")
        for status in STATES
    }
    before = {str(row["id"]): row for row in shop.rows(TABLE)}
    asked = site.post("/jobs/RescheduleJobs", {"tableName": TABLE, "all": "1"}).text
    assert "Reschedule 6 jobs of Email customers?" in asked
    assert 'name="due_at"' in asked
    told = site.post("/jobs/RescheduleJobs", {**hidden(asked), "due_at": due_at}).text
    told = site.post("/jobs/RescheduleJobs", hidden(told)).text
    assert "<h1>2 rescheduled, 4 skipped</h1>" in told
    assert "1 skipped: running" in told
    assert "3 skipped: already ended" in told
    for row in shop.rows(TABLE):
        was = before[str(row["id"])]
        if row["id"] in {UUID(jobs[each]) for each in WAITING}:
            assert row["updated_at"] > was["updated_at"]
            minute = "%Y-%m-%dT%H:%M"
            assert f"{row['run_at']:{minute}}" == (due_at or f"{row['updated_at']:{minute}}")
            was |= {name: row[name] for name in ("run_at", "updated_at")}
        assert row == was


def test_all_that_failed_since_a_time_are_retried(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    jobs = {ago: shop.insert(TABLE, status="failed") for ago in ("0 min", "61 min", "3 days")}
    for ago, job in jobs.items():
        query = f"UPDATE {TABLE} SET updated_at = now() - %s::INTERVAL WHERE id = %s"  # noqa: S608 -- the test's own
        shop.run(query, ago, job)
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&status=failed").text
    assert "Retry all that failed" in page
    assert "Retry all that" not in site.get(f"/jobs/ListJob?tableName={TABLE}").text
    form = {"tableName": TABLE, "status": "failed", "all": "1"}
    assert "Retry 3 jobs" in site.post("/jobs/RetryJobs", {**form, "since": ""}).text
    today = site.post("/jobs/RetryJobs", {**form, "since": "today"}).text
    assert "Retry 1 job" in today or "Retry 2 jobs" in today
    asked = site.post("/jobs/RetryJobs", {**form, "since": "hour"}).text
    assert "Retry 1 job of" in asked
    assert "<h1>1 retried</h1>" in site.post("/jobs/RetryJobs", hidden(asked)).text
    assert statuses(shop) == {
        job: "not_started" if ago == "0 min" else "failed" for ago, job in jobs.items()
    }


def test_list_offers_what_is_possible_with_its_jobs(
    site: DashboardSite, shop: Database, jobs: dict[str, str]
) -> None:
    offered = {}
    for status in jobs:
        page = site.get(f"/jobs/ListJob?tableName={TABLE}&status={status}").text
        offered[status] = re.findall(r'formaction="/jobs/\w+">([^<]+)…', page)
    assert offered == {
        "not_started": ["Run now", "Reschedule", "Cancel", "Delete"],
        "retry": ["Run now", "Reschedule", "Cancel", "Delete"],
        "running": ["Cancel"],
        "failed": ["Retry", "Delete"],
        "timed_out": ["Retry", "Delete"],
        "succeeded": ["Delete"],
    }
    asked = site.post("/jobs/RetryJobs", {"tableName": TABLE, "status": "retry", "all": "1"}).text
    assert "Run 1 job of Email customers now?" in asked


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
        {"all": "1", "since": "x"},
        {"all": "1", "until": "x"},
        {"all": "1", "confirmed": "1", "after": "x"},
        {"all": "1", "confirmed": "1", "changed": "x"},
        {"all": "1", "confirmed": "1", "skipped_running": "-"},
    ):
        answer = site.post("/jobs/RetryJobs", {"tableName": TABLE, **form})
        assert answer.status_code == 400, form
    form = {"tableName": TABLE, "all": "1", "confirmed": "1", "due_at": "tomorrow"}
    assert site.post("/jobs/RescheduleJobs", form).status_code == 400
    for until in ("nan", "inf", "-inf", "1e308", "-1e308"):
        form = {"tableName": TABLE, "all": "1", "confirmed": "1", "until": until}
        assert site.post("/jobs/RetryJobs", form).status_code in {200, 400, 409}, until
