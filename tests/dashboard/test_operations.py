"""Retry, Cancel and Delete: their effect for each status, and how they are requested."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from tests.dashboard.sites import DashboardSite, Database

TABLE = "email_customers_jobs"
RESTING = ["not_started", "failed", "timed_out", "succeeded", "retry"]


@pytest.fixture(autouse=True)
def _table(shop: Database) -> None:
    shop.job_table(TABLE)
    shop.job_table("report_jobs")
    shop.run(f"CREATE TABLE mails (job_id UUID NOT NULL REFERENCES {TABLE} (id))")


def old_job(shop: Database, status: str) -> str:
    """Insert a job of an hour ago that has used up all its attempts."""
    job = shop.insert(
        TABLE, status=status, attempts_count=10, last_error="boom", locked_by=str(uuid4())
    )
    shop.run(
        "UPDATE email_customers_jobs SET run_at = now() + interval '1 day', locked_at = now(),"
        " updated_at = now() - interval '1 hour', created_at = now() - interval '2 hours'"
        " WHERE id = %s",
        job,
    )
    return job


@pytest.mark.parametrize("status", ["not_started", "failed", "timed_out", "retry"])
def test_retry_makes_a_job_due_again(site: DashboardSite, shop: Database, status: str) -> None:
    job = old_job(shop, status)
    other = old_job(shop, status)
    untouched = shop.job(TABLE, other)
    answer = site.post("/jobs/RetryJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/jobs/ViewJob?tableName={TABLE}&id={job}&notice=retried"
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_not_started"
    assert row["attempts_count"] == 0
    assert row["locked_by"] is None
    assert row["locked_at"] is None
    assert row["last_error"] == "boom"
    assert row["updated_at"] == row["run_at"]
    assert row["updated_at"] - row["created_at"] > timedelta(hours=1, minutes=59)
    due = shop.run("SELECT run_at <= now() AS due FROM email_customers_jobs WHERE id = %s", job)
    assert due == [{"due": True}]
    assert shop.job(TABLE, other) == untouched
    assert "The job is due again now." in site.get(answer.headers["location"]).text


def test_succeeded_job_is_never_reset(site: DashboardSite, shop: Database) -> None:
    job = old_job(shop, "succeeded")
    before = shop.job(TABLE, job)
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert "RetryJob" not in page
    assert f'href="/jobs/CreateJob?tableName={TABLE}&amp;copyOf={job}">Run again…</a>' in page
    answer = site.post("/jobs/RetryJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 409
    assert "The job has succeeded" in answer.text
    assert shop.job(TABLE, job) == before


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("not_started", "Run now"),
        ("retry", "Run now"),
        ("failed", "Retry"),
        ("timed_out", "Retry"),
    ],
)
def test_button_says_what_retry_does(
    site: DashboardSite, shop: Database, status: str, label: str
) -> None:
    job = old_job(shop, status)
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert f'class="button primary">{label}</button>' in page
    assert ("Run again…" in page) == (label == "Retry")
    listed = site.get("/jobs/ListJob", params={"tableName": TABLE}).text
    name = f'Retry<span class="unseen"> job …{job[-6:]}</span>'
    assert (name in listed) == (label == "Retry")
    assert ("Will retry</span></td>" in listed) == (status == "retry")


@pytest.mark.parametrize("status", ["not_started", "retry"])
def test_cancel_fails_a_waiting_job(site: DashboardSite, shop: Database, status: str) -> None:
    job, other = old_job(shop, status), old_job(shop, status)
    untouched = shop.job(TABLE, other)
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert "Cancel this job" in page
    answer = site.post("/jobs/CancelJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 303
    row = shop.job(TABLE, job)
    assert row is not None
    assert (row["status"], row["last_error"]) == ("job_status_failed", "The job was cancelled.")
    assert shop.job(TABLE, other) == untouched
    assert "The job was cancelled" in site.get(answer.headers["location"]).text


def test_cancel_of_a_running_job_is_requested_from_its_worker(
    site: DashboardSite, shop: Database
) -> None:
    job = old_job(shop, "running")
    before = shop.job(TABLE, job)
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert "Cancel this job" in page
    answer = site.post("/jobs/CancelJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 303
    assert "Cancellation requested" in site.get(answer.headers["location"]).text
    assert shop.job(TABLE, job) == before
    requests = shop.run("SELECT job_table::TEXT AS job_table, job_id FROM job_cancellations")
    assert [(row["job_table"], str(row["job_id"])) for row in requests] == [(TABLE, job)]


@pytest.mark.parametrize("status", ["failed", "timed_out", "succeeded"])
def test_cancel_of_an_ended_job_gets_409(site: DashboardSite, shop: Database, status: str) -> None:
    job = old_job(shop, status)
    before = shop.job(TABLE, job)
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert "CancelJob" not in page
    answer = site.post("/jobs/CancelJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 409
    assert "has already ended" in answer.text
    assert shop.job(TABLE, job) == before


def test_retry_of_a_job_with_a_waiting_duplicate_gets_409(
    site: DashboardSite, shop: Database
) -> None:
    job, _twin = old_job(shop, "failed"), old_job(shop, "not_started")
    shop.run(
        "CREATE UNIQUE INDEX once ON email_customers_jobs (attempts_count)"
        " WHERE status = 'job_status_not_started'"
    )
    shop.run("UPDATE email_customers_jobs SET attempts_count = 0 WHERE id <> %s", job)
    answer = site.post("/jobs/RetryJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 409
    assert "allows one such job, and there is another" in answer.text


@pytest.mark.parametrize("status", RESTING)
def test_delete_removes_one_job(site: DashboardSite, shop: Database, status: str) -> None:
    job, other = old_job(shop, status), old_job(shop, status)
    answer = site.post("/jobs/DeleteJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/jobs/ListJob?tableName={TABLE}&notice=deleted"
    assert shop.job(TABLE, job) is None
    assert shop.job(TABLE, other) is not None
    assert "The job was deleted" in site.get(answer.headers["location"]).text


@pytest.mark.parametrize("action", ["RetryJob", "DeleteJob"])
def test_running_job_cannot_be_retried_or_deleted(
    site: DashboardSite, shop: Database, action: str
) -> None:
    job = old_job(shop, "running")
    before = shop.job(TABLE, job)
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert action not in page
    assert "A worker is running this job" in page
    answer = site.post(f"/jobs/{action}", {"tableName": TABLE, "id": job})
    assert answer.status_code == 409
    assert "The job is running" in answer.text
    assert shop.job(TABLE, job) == before


@pytest.mark.parametrize("action", ["RetryJob", "DeleteJob"])
def test_job_claimed_at_the_same_moment_is_left_alone(
    site: DashboardSite, shop: Database, action: str
) -> None:
    job = old_job(shop, "retry")
    with psycopg.connect(shop.conninfo) as worker:
        worker.execute(
            "UPDATE email_customers_jobs SET status = 'job_status_running' WHERE id = %s", [job]
        )
        answers: list[int] = []
        operator = threading.Thread(
            target=lambda: answers.append(
                site.post(f"/jobs/{action}", {"tableName": TABLE, "id": job}).status_code
            )
        )
        operator.start()
        while not shop.run("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert operator.is_alive()
        worker.commit()
        operator.join()
    assert answers == [409]
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_running"


@pytest.mark.parametrize("action", ["RetryJob", "CancelJob", "DeleteJob"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_post_changes_a_job(
    site: DashboardSite, shop: Database, action: str, method: str
) -> None:
    job = old_job(shop, "failed")
    before = shop.job(TABLE, job)
    answer = site.request(method, f"/jobs/{action}", params={"tableName": TABLE, "id": job})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert shop.job(TABLE, job) == before


@pytest.mark.parametrize("action", ["", "ListJobs", "ListJob", "ViewJob"])
def test_pages_refuse_post(site: DashboardSite, action: str) -> None:
    answer = site.post(f"/jobs/{action}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_actions_accept_parameters_in_the_query(site: DashboardSite, shop: Database) -> None:
    job = old_job(shop, "failed")
    where = f"tableName={TABLE}&id={job}"
    assert site.post(f"/jobs/RetryJob?{where}").status_code == 303
    assert site.post(f"/jobs/DeleteJob?{where}").status_code == 303
    assert shop.job(TABLE, job) is None


def test_action_does_not_touch_a_job_of_another_table(site: DashboardSite, shop: Database) -> None:
    job = old_job(shop, "failed")
    before = shop.job(TABLE, job)
    for action in ("RetryJob", "CancelJob", "DeleteJob"):
        answer = site.post(f"/jobs/{action}", {"tableName": "report_jobs", "id": job})
        assert answer.status_code == 404
    assert shop.job(TABLE, job) == before


def test_delete_of_a_referenced_job_is_refused_with_the_reason(
    site: DashboardSite, shop: Database
) -> None:
    job = old_job(shop, "failed")
    shop.run("INSERT INTO mails VALUES (%s)", job)
    answer = site.post("/jobs/DeleteJob", {"tableName": TABLE, "id": job})
    assert answer.status_code == 409
    assert "mails" in answer.text
    assert shop.job(TABLE, job) is not None
