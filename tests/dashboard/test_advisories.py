"""What went wrong in the dashboards of other queues does not go wrong here."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from jobgen_runtime.dashboard import BasicAuth, BasicAuthStatic, Right, Visitor
from jobgen_runtime.dashboard.web.assets import script

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.test_escaping import ATTACK, scripts
from tests.dashboard.visitors import Everyone

TABLE = "scrape_jobs"
WHERE = {"tableName": TABLE}


@pytest.fixture
def job(shop: Database) -> str:
    shop.job_table(TABLE, "note TEXT")
    return shop.insert(TABLE, status="failed", note=ATTACK, last_error=ATTACK)


def test_data_of_jobs_is_no_script(site: DashboardSite, job: str) -> None:
    """Stored cross-site scripting in rq-dashboard and Hangfire."""
    for address in ("", f"ListJob?{urlencode(WHERE)}", f"ViewJob?{urlencode(WHERE)}&id={job}"):
        answer = site.get(f"/jobs/{address}")
        assert answer.status_code == 200
        assert scripts(answer.text) == []
        policy = answer.headers["content-security-policy"]
        assert f"default-src 'none'; script-src '{script().integrity}'; " in policy


def test_filters_are_not_reflected_as_script(site: DashboardSite, job: str) -> None:
    """Reflected cross-site scripting in Sidekiq: CVE-2024-32887."""
    for name in ("status", "page", "before", "notice", "tableName", "substr", "period"):
        answer = site.get(f"/jobs/ListJob?{urlencode({**WHERE, name: ATTACK})}")
        assert scripts(answer.text) == []
    assert job


def test_parameters_cost_no_time_or_memory(site: DashboardSite, job: str) -> None:
    """Denial of service by the parameters of Sidekiq: CVE-2022-23837 and CVE-2023-26141."""
    for name, value in (("days", "9" * 9), ("page", "9" * 90), ("count", "9" * 9), ("page", "\0")):
        began = time.process_time()
        answer = site.get(f"/jobs/ListJob?{urlencode({**WHERE, name: value})}")
        assert answer.status_code in {200, 400}
        assert time.process_time() - began < 1
    assert job


def test_nothing_is_open_without_a_login_and_names_match_whole(
    make_site: MakeSite, shop: Database, job: str
) -> None:
    """Unauthenticated requests, and an unanchored pattern for users, in Flower: CVE-2022-30034."""
    site = make_site(auth=BasicAuthStatic("ada@example.com", "secret"))
    before = shop.rows(TABLE)
    for auth in (
        None,
        ("ada@example.com.evil.example", "secret"),
        ("xada@example.com", "secret"),
        ("ada@exampleXcom", "secret"),
    ):
        for method, action in (("GET", ""), ("POST", "RetryJob"), ("POST", "DeleteJob")):
            answer = site.request(method, f"/jobs/{action}", params={**WHERE, "id": job}, auth=auth)
            assert answer.status_code == 401
    assert shop.rows(TABLE) == before


def test_action_behind_a_hidden_button_is_refused(
    make_site: MakeSite, shop: Database, job: str
) -> None:
    """A button that visitors with fewer rights did not see, but could press, in Oban Web."""
    site = make_site(auth=Everyone(Visitor("eve", may={Right.SEE})))
    before = shop.rows(TABLE)
    assert "DeleteJob" not in site.get("/jobs/ViewJob", params={**WHERE, "id": job}).text
    for action in ("RetryJob", "CancelJob", "DeleteJob", "CreateJob"):
        assert site.post(f"/jobs/{action}", {**WHERE, "id": job}).status_code == 403
    assert shop.rows(TABLE) == before


def test_dashboard_is_closed_until_it_is_configured(
    make_site: MakeSite, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open by default in Hangfire."""
    for name in ("JOBS_USER", "JOBS_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    site = make_site(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"))
    for auth in (None, ("", ""), ("admin", "admin")):
        answer = site.get("/jobs/", auth=auth)
        assert answer.status_code == 503
        assert job not in answer.text


def test_form_of_one_process_is_accepted_by_another(
    make_site: MakeSite, shop: Database, job: str
) -> None:
    """Tokens against forgery that broke behind load balancers, in Sidekiq and Hangfire."""
    page = make_site().get("/jobs/ViewJob", params={**WHERE, "id": job})
    assert page.headers.get("set-cookie") is None
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = make_site().post("/jobs/RetryJob", {**WHERE, "id": job}, headers=own)
    assert answer.status_code == 303
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_not_started"


def test_table_is_never_taken_from_the_request_and_get_changes_nothing(
    site: DashboardSite, shop: Database, job: str
) -> None:
    """Any table could be changed, and by a GET, in IHP's dashboard."""
    shop.run("CREATE TABLE customers (id UUID PRIMARY KEY)")
    shop.run("INSERT INTO customers VALUES (%s)", job)
    before = shop.rows(TABLE)
    for table in ("customers", f'{TABLE}"; DROP TABLE customers; --', "pg_catalog.pg_class"):
        for action in ("RetryJob", "CancelJob", "DeleteJob", "CreateJob"):
            answer = site.post(f"/jobs/{action}", {"tableName": table, "id": job})
            assert answer.status_code == 404
    for method in ("GET", "HEAD"):
        for action in ("RetryJob", "CancelJob", "DeleteJob"):
            answer = site.request(method, f"/jobs/{action}", params={**WHERE, "id": job})
            assert answer.status_code == 405
            assert answer.headers["allow"] == "POST"
    assert shop.rows(TABLE) == before
    assert len(shop.rows("customers")) == 1


def test_redirects_lead_to_the_dashboard_itself(make_site: MakeSite, job: str) -> None:
    """Open redirects by a parameter or by the Host header."""
    site = make_site(allowed_hosts=["*"])
    form = {**WHERE, "id": job, "next": "//evil.example", "redirect_to": "https://evil.example"}
    answer = site.post("/jobs/RetryJob", form, headers={"Host": "evil.example"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/jobs/ViewJob?")
    assert "evil" not in answer.headers["location"]
