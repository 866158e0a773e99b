"""Authentication precedes everything else."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import unescape

import pytest
from jobgen_runtime.dashboard import (
    AuthenticationMethod,
    BasicAuth,
    BasicAuthStatic,
    JobsDashboard,
    NoAuth,
)
from jobgen_runtime.dashboard.web.pages import HEADERS
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.dashboard.sites import Database, MakeSite, Shops

TABLE = "email_customers_jobs"
REQUESTS = [
    ("GET", ""),
    ("GET", "ListJobs"),
    ("GET", "ListJob"),
    ("GET", "ViewJob"),
    ("GET", "CreateJob"),
    ("POST", "CreateJob"),
    ("POST", "RetryJob"),
    ("POST", "CancelJob"),
    ("POST", "DeleteJob"),
    ("GET", "DeleteJob"),
    ("PUT", "ListJobs"),
    ("GET", "nothing"),
    ("GET", "assets/dashboard.css"),
]


@pytest.fixture(scope="module")
def shop(shops: Shops) -> Iterator[Database]:
    """Return a shop with one job, which no test changes."""
    with shops.new() as opened:
        opened.job_table(TABLE)
        opened.insert(TABLE, status="failed", last_error="a secret of the job")
        yield opened


class LoginPage(AuthenticationMethod):
    """A custom authentication method that reads a header."""

    async def authenticate(self, request: Request) -> Response | None:
        if request.headers.get("x-user") == "admin":
            return None
        return RedirectResponse("/login", status_code=303)


class LoginDependency(AuthenticationMethod):
    async def authenticate(self, request: Request) -> Response | None:
        raise HTTPException(307, f"<{request.method}>", headers={"Location": "/login"})


class Broken(AuthenticationMethod):
    async def authenticate(self, request: Request) -> Response | None:
        raise RuntimeError(f"the session store is down: {request.url.path}")


@pytest.mark.parametrize(("method", "action"), REQUESTS)
@pytest.mark.parametrize(
    ("auth", "status"),
    [
        (BasicAuthStatic("jobs", "secret"), 401),
        (BasicAuth("UNSET_USER", "UNSET_PASSWORD"), 503),
        (LoginPage(), 303),
    ],
    ids=["static", "unset", "own"],
)
def test_no_address_answers_without_authentication(
    *,
    make_site: MakeSite,
    shop: Database,
    method: str,
    action: str,
    auth: AuthenticationMethod,
    status: int,
) -> None:
    [before] = shop.rows(TABLE)
    answer = make_site(auth=auth).request(
        method, f"/jobs/{action}", params={"tableName": TABLE, "id": str(before["id"])}
    )
    assert answer.status_code == status
    assert TABLE not in answer.text
    assert "secret of" not in answer.text
    assert shop.rows(TABLE) == [before]


@pytest.mark.parametrize("header", ["Basic", "basic", "BASIC"])
def test_dashboard_opens_with_right_credentials(make_site: MakeSite, header: str) -> None:
    site = make_site(auth=BasicAuthStatic("jöbs", "pass:wörd"))
    credentials = base64.b64encode("jöbs:pass:wörd".encode()).decode()
    answer = site.get("/jobs/", headers={"Authorization": f"{header} {credentials}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"jobs").decode(),
        "Basic " + base64.b64encode(b"jobs:").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"jobs:secret2").decode(),
        "Basic " + base64.b64encode(b"jobs2:secret").decode(),
        "Basic " + base64.b64encode(b"Jobs:secret").decode(),
        "Basic " + base64.b64encode(b"jobs:secret\0").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Bearer " + base64.b64encode(b"jobs:secret").decode(),
    ],
)
def test_wrong_credentials_get_401(make_site: MakeSite, header: str) -> None:
    site = make_site(auth=BasicAuthStatic("jobs", "secret"))
    answer = site.get("/jobs/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_dashboard_is_closed_while_a_variable_is_unset_or_empty(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"))
    monkeypatch.delenv("JOBS_USER", raising=False)
    monkeypatch.delenv("JOBS_PASSWORD", raising=False)
    for user, password in [(None, None), ("jobs", None), (None, "secret"), ("", ""), ("jobs", "")]:
        for name, value in (("JOBS_USER", user), ("JOBS_PASSWORD", password)):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        answer = site.get("/jobs/", auth=(user or "", password or ""))
        assert answer.status_code == 503
        assert "JOBS_USER" in answer.text
        assert "JOBS_PASSWORD" in answer.text
    monkeypatch.setenv("JOBS_USER", "jobs")
    monkeypatch.setenv("JOBS_PASSWORD", "secret")
    assert site.get("/jobs/", auth=("jobs", "secret")).status_code == 200
    assert site.get("/jobs/", auth=("jobs", "wrong")).status_code == 401


def test_custom_authentication_method_decides(make_site: MakeSite) -> None:
    site = make_site(auth=LoginPage())
    assert site.get("/jobs/", headers={"X-User": "admin"}).status_code == 200
    refused = site.get("/jobs/", headers={"X-User": "eve"})
    assert refused.headers["location"] == "/login"
    assert refused.headers["cache-control"] == "no-store"


def test_authentication_that_raises_lets_no_request_in(make_site: MakeSite) -> None:
    answer = make_site(auth=Broken()).get("/jobs/")
    assert answer.status_code == 500
    assert "The application's log says why" in unescape(answer.text)
    assert "session store" not in answer.text


def test_http_exception_of_authentication_is_the_answer(make_site: MakeSite) -> None:
    answer = make_site(auth=LoginDependency()).get("/jobs/")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/login"
    assert answer.headers["cache-control"] == "no-store"
    assert "&lt;GET&gt;" in answer.text


def test_every_refusal_is_a_page_with_title_language_and_headers(make_site: MakeSite) -> None:
    refusals = {
        401: make_site(auth=BasicAuthStatic("jobs", "secret")).get("/jobs/"),
        503: make_site(auth=BasicAuth("UNSET_USER", "UNSET_PASSWORD")).get("/jobs/"),
        500: make_site(auth=Broken()).get("/jobs/"),
        400: make_site().get("/jobs/", headers={"Host": "evil.example"}),
    }
    for status, answer in refusals.items():
        assert answer.status_code == status
        assert re.search("<title>[A-Z].+ · Jobs</title>", answer.text)
        assert '<html lang="en">' in answer.text
        assert "<h1>" in answer.text
        assert 'href="/' not in answer.text
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_dashboard_without_auth_is_refused() -> None:
    with pytest.raises(TypeError):
        JobsDashboard()  # type: ignore[call-arg]  # the mistake
    with pytest.raises(TypeError, match="AuthenticationMethod"):
        JobsDashboard(auth=NoAuth)  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize(("user", "password"), [("", "secret"), ("jobs", "")])
def test_empty_static_credentials_are_refused(user: str, password: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        BasicAuthStatic(user, password)
