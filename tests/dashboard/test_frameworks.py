"""The dashboard in Starlette, FastAPI, Django and Flask, as docs/dashboard.md mounts it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from tests.dashboard import frameworks
from tests.dashboard.frameworks import PUBLIC, asgi, browser, executed, snippet
from tests.dashboard.sites import Database

TABLE = "email_customers_jobs"
LINK = re.compile(r'(?:href|action)="([^"#]*)"')
FORM = re.compile(r'<form[^>]*action="([^"]*RetryJob)"')


@pytest.fixture
def job(shop: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a failed job of the database in DATABASE_URL."""
    monkeypatch.setenv("DATABASE_URL", shop.conninfo)
    shop.job_table(TABLE)
    return shop.insert(TABLE, status="failed", last_error="OSError: no route to host")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def links(client: httpx.Client, address: str) -> set[str]:
    """Return the addresses that a page has, as a browser would go to them."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    found = {urljoin(str(page.url), unescape(link)) for link in LINK.findall(page.text)}
    return {link for link in found if not link.startswith("data:")}


def assert_works(client: httpx.Client, shop: Database, mount: str, job: str) -> None:
    """Follow the links of the overview, the list and the job, and retry the job by its form."""
    found, followed = {f"{PUBLIC}{mount}/"}, set[str]()
    for _ in range(3):
        unread, followed = found - followed, set(found)
        for address in sorted(unread):
            if address.endswith(".css"):
                assert client.get(address).headers["content-type"].startswith("text/css")
            elif urlsplit(address).path.endswith(("/", "ListJob", "ViewJob")):
                found |= links(client, address)
    shown = [link for link in found if "ViewJob" in link]
    assert shown
    assert parse_qs(urlsplit(shown[0]).query)["id"] == [job]
    assert any(link.endswith(".css") for link in found)
    assert all(link.startswith(f"{PUBLIC}{mount}/") for link in found)

    [action] = FORM.findall(client.get(shown[0]).text)
    retried = client.post(
        urljoin(shown[0], action), data={"tableName": TABLE, "id": job}, follow_redirects=True
    )
    assert retried.status_code == 200
    assert "The job is due again now." in retried.text
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_not_started"


@pytest.mark.parametrize(("prefix", "stripped"), [("", ""), ("/jobs", ""), ("/jobs", "/shop")])
def test_starlette_mounts_the_dashboard_at_any_prefix(
    shop: Database, job: str, stack: ExitStack, prefix: str, stripped: str
) -> None:
    server = stack.enter_context(asgi(frameworks.starlette(prefix), stripped))
    client = stack.enter_context(browser(server, stripped))
    assert client.get(f"{stripped}{prefix}/").status_code == 401
    client.auth = ("ada", "secret")
    assert_works(client, shop, f"{stripped}{prefix}", job)


def test_forwarded_prefix_moves_the_links_of_the_dashboard(
    shop: Database, job: str, stack: ExitStack
) -> None:
    app = executed(snippet("forwarded_prefix.py"))["ForwardedPrefix"](frameworks.starlette("/jobs"))
    client = stack.enter_context(
        browser(stack.enter_context(asgi(app)), "/shop", X_Forwarded_Prefix="/shop/")
    )
    client.auth = ("ada", "secret")
    assert_works(client, shop, "/shop/jobs", job)


@pytest.mark.parametrize("stripped", ["", "/shop"])
def test_fastapi_lets_in_whom_its_login_dependency_knows(
    *,
    shop: Database,
    job: str,
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    stripped: str,
) -> None:
    login = ModuleType("shop.login")
    login.__dict__["current_user"] = frameworks.current_user
    monkeypatch.setitem(sys.modules, "shop.login", login)
    monkeypatch.setitem(sys.modules, "shop", ModuleType("shop"))
    app = frameworks.fastapi()
    # Of the application instead of the server: the path then comes without the prefix.
    app.root_path = stripped
    client = stack.enter_context(browser(stack.enter_context(asgi(app)), stripped))
    refused = client.get(f"{stripped}/jobs/")
    assert (refused.status_code, refused.headers["location"]) == (303, "/login")
    assert client.get(f"{stripped}/login").text == "logged in"
    assert_works(client, shop, f"{stripped}/jobs", job)


@pytest.mark.parametrize("stripped", ["", "/shop"])
def test_flask_lets_in_whom_its_session_knows(
    shop: Database, job: str, stack: ExitStack, stripped: str
) -> None:
    server = stack.enter_context(frameworks.flask())
    client = stack.enter_context(browser(server, stripped, X_Forwarded_Prefix=stripped))
    refused = client.get(f"{stripped}/jobs/")
    assert (refused.status_code, refused.headers["location"]) == (303, "/login")
    assert client.get(f"{stripped}/login").text == "logged in"
    assert_works(client, shop, f"{stripped}/jobs", job)


def log_in(client: httpx.Client, user: str) -> httpx.Response:
    """Go to the dashboard of Django's project, and log in where it leads."""
    refused = client.get("/shop/jobs/")
    assert refused.status_code == 302
    login = refused.headers["location"]
    assert login == "/shop/admin/login/?next=/shop/jobs/"
    assert client.get("/shop/jobs/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 401
    [token] = re.findall('csrfmiddlewaretoken" value="([^"]+)', client.get(login).text)
    form = {"csrfmiddlewaretoken": token, "username": user, "password": "secret"}
    return client.post(login, data=form)


def test_django_lets_in_members_of_the_staff_with_their_rights(
    shop: Database, job: str, stack: ExitStack, tmp_path: Path
) -> None:
    servers = stack.enter_context(frameworks.django(tmp_path, "/shop"))
    for server in servers:
        eve = stack.enter_context(browser(server, "/shop"))
        log_in(eve, "eve")
        assert eve.get("/shop/jobs/").status_code == 302
        assert eve.post("/shop/jobs/RetryJob").status_code == 302

        bob = stack.enter_context(browser(server, "/shop"))
        log_in(bob, "bob")
        page = bob.get(f"/shop/jobs/ViewJob?tableName={TABLE}&id={job}")
        assert "no route to host" in page.text
        assert "RetryJob" not in page.text
        retry = {"tableName": TABLE, "id": job}
        assert bob.post("/shop/jobs/RetryJob", data=retry).status_code == 403

        ada = stack.enter_context(browser(server, "/shop"))
        assert log_in(ada, "ada").headers["location"] == "/shop/jobs/"
        evil = {"Origin": "https://evil.example"}
        assert ada.post("/shop/jobs/RetryJob", data=retry, headers=evil).status_code == 403
        shop.run("UPDATE email_customers_jobs SET status = 'job_status_failed'")
        assert_works(ada, shop, "/shop/jobs", job)
        assert ada.get("/shop/admin/login/").headers["location"] == "/shop/admin/"
        with ada.stream("GET", f"/shop/jobs/ExportJobs?tableName={TABLE}&format=csv") as answer:
            assert answer.headers["content-disposition"].endswith('.csv"')
            assert job in answer.read().decode()
        theme = ada.post("/shop/jobs/SaveTheme", data={"theme": "dark"})
        assert "dark" in theme.headers["set-cookie"]
        strange = ada.get("/shop/jobs/", headers={"Host": "evil.example"})
        assert strange.status_code == 400


@pytest.mark.parametrize(("trusted", "status"), [([], 403), ([PUBLIC], 303)])
def test_proxy_that_changes_the_host_needs_a_trusted_origin(
    shop: Database, job: str, stack: ExitStack, trusted: list[str], status: int
) -> None:
    server = stack.enter_context(asgi(frameworks.starlette("/jobs", trusted_origins=trusted)))
    client = stack.enter_context(browser(server, Host="127.0.0.1:8000"))
    client.auth = ("ada", "secret")
    answer = client.post("/jobs/RetryJob", data={"tableName": TABLE, "id": job})
    assert answer.status_code == status
