"""The dashboard works wherever it is mounted, and never links outside the mount."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from jobgen_runtime import configure
from jobgen_runtime.dashboard import JobsDashboard, NoAuth
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row, scalar_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import Message

from tests.dashboard.sites import DashboardSite, Database, MakeSite, Site

TABLE = "email_customers_jobs"
ADDRESS = re.compile(r'(?:href|action|src)="([^"#]*)"')


@pytest.fixture
def job(shop: Database) -> str:
    shop.job_table(TABLE)
    return shop.insert(TABLE, status="failed")


@pytest.mark.parametrize(
    ("prefixes", "root_path"),
    [
        ([], ""),
        (["/jobs"], ""),
        (["/admin", "/background jobs"], ""),
        (["/jobs"], "/behind/a/proxy"),
        ([], "/behind/a/proxy"),
        (["/jöbs"], ""),
    ],
)
def test_links_and_redirects_stay_below_the_mount_prefix(
    shop: Database, job: str, prefixes: list[str], root_path: str
) -> None:
    dashboard = JobsDashboard(auth=NoAuth(), conninfo=shop.conninfo)
    app = Starlette(routes=[Mount("/", dashboard)])
    if prefixes:
        app = Starlette(routes=[Mount(prefixes[-1], dashboard)])
    for prefix in prefixes[-2::-1]:
        app = Starlette(routes=[Mount(prefix, app)])
    prefix = httpx.URL(root_path + "".join(prefixes)).raw_path.decode().rstrip("/")
    where = f"tableName={TABLE}&id={job}"
    with Site(app, root_path=root_path) as site:
        for action in (
            "",
            "ListJobs",
            f"ListJob?{where}",
            f"ViewJob?{where}",
            f"CreateJob?{where}",
        ):
            page = site.get(f"{prefix}/{action}")
            assert page.status_code == 200, action
            addresses = ADDRESS.findall(page.text)
            assert addresses
            for address in addresses:
                assert address.startswith(f"{prefix}/") or address == "data:,"
        style = next(a for a in ADDRESS.findall(page.text) if a.endswith(".css"))
        assert site.get(style).headers["content-type"].startswith("text/css")
        for action in ("RetryJob", "CreateJob", "DeleteJob"):
            answer = site.post(f"{prefix}/{action}?{where}")
            assert answer.status_code == 303
            assert answer.headers["location"].startswith(f"{prefix}/")
        site._runner.run(dashboard.close())


@pytest.mark.parametrize(
    "root", ["//evil.example", "///evil.example/x", "/\\evil.example", "https://evil.example"]
)
def test_prefix_from_a_hostile_header_does_not_lead_to_another_host(
    shop: Database, job: str, root: str
) -> None:
    dashboard = JobsDashboard(auth=NoAuth(), conninfo=shop.conninfo)
    with Site(dashboard, root_path=root) as site:
        answer = site.post(f"/RetryJob?tableName={TABLE}&id={job}")
        assert answer.status_code == 303
        assert re.match(r"/[^/\\]", answer.headers["location"])
        addresses = ADDRESS.findall(site.get("/").text)
        assert addresses
        for address in addresses:
            assert re.match(r"/[^/\\]|data:,", address)
        site._runner.run(dashboard.close())


def test_host_header_and_next_parameter_do_not_change_redirects(
    make_site: MakeSite, job: str
) -> None:
    site = make_site(allowed_hosts=["*"])
    answer = site.post(
        f"/jobs/RetryJob?tableName={TABLE}&id={job}&next=//evil.example",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/jobs/ViewJob?")
    assert "evil" not in answer.headers["location"]


def test_documented_route_redirects_the_bare_prefix_to_no_other_host() -> None:
    dashboard = JobsDashboard(auth=NoAuth(), conninfo="")
    routes = [Route("/jobs", RedirectResponse("/jobs/")), Mount("/jobs", dashboard)]
    with Site(Starlette(routes=routes)) as site:
        answer = site.get("/jobs", headers={"Host": "evil.example"})
    assert answer.is_redirect
    assert answer.headers["location"] == "/jobs/"


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "ListJob/",
        "listjobs",
        "../",
        "assets/",
        "assets/../app.py",
        "assets/x.css",
        "%2e%2e/",
    ],
)
def test_unknown_addresses_get_404(site: DashboardSite, path: str) -> None:
    answer = site.get(f"/jobs/{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_assets_are_cached_forever(site: DashboardSite, suffix: str) -> None:
    (address,) = re.findall(rf'"([^"]+\.{suffix})"', site.get("/jobs/").text)
    answer = site.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert re.search(rf"\.[0-9a-f]{{16}}\.{suffix}$", address)
    plain = site.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert (answer.headers["content-encoding"], answer.content) == ("gzip", plain.content)
    assert int(answer.headers["content-length"]) < len(plain.content) / 2
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_pool_of_the_application_is_used_whatever_its_settings(
    make_site: MakeSite, shop: Database, job: str
) -> None:
    async def ask() -> tuple[int, int]:
        async with AsyncConnectionPool(
            shop.conninfo,
            min_size=1,
            max_size=1,
            open=False,
            kwargs={"autocommit": True, "row_factory": dict_row},
        ) as pool:
            dashboard = JobsDashboard(auth=NoAuth(), pool=pool)
            transport = httpx.ASGITransport(dashboard)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                shown = await client.get("/")
                retried = await client.post(f"/RetryJob?tableName={TABLE}&id={job}")
            async with pool.connection() as conn:
                cursor = conn.cursor(row_factory=scalar_row)
                await cursor.execute("SHOW statement_timeout")
                assert await cursor.fetchone() == "0"
            return shown.status_code, retried.status_code

    assert asyncio.run(ask()) == (200, 303)
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_not_started"


def test_dashboard_without_pool_or_conninfo_shows_the_database_of_the_records(
    shop: Database, job: str
) -> None:
    dashboard = JobsDashboard(auth=NoAuth())

    async def ask() -> str:
        transport = httpx.ASGITransport(dashboard)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/")
        await dashboard.close()
        return answer.text

    configure(shop.conninfo)
    try:
        # Each event loop has its own connections: a second loop must work like the first.
        assert job in asyncio.run(ask())
        assert job in asyncio.run(ask())
    finally:
        configure(None)


def test_unreachable_database_gets_503_until_it_is_back(
    make_site: MakeSite, shop: Database, job: str
) -> None:
    site = make_site()
    assert site.get("/jobs/").status_code == 200
    shop.run(
        "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    answers = [site.get("/jobs/").status_code for _ in range(3)]
    assert set(answers) <= {200, 503}
    assert answers[-1] == 200


@pytest.mark.parametrize(
    ("conninfo", "logged"),
    [
        (None, "DATABASE_URL is not set"),
        ("user=no_such_role", "The database rejects the connection"),
        ("postgresql://shop:hunt%er2@db/shop", "address is invalid"),
        ("postgre://shop:hunter2@db.internal/shop", "address is invalid"),
    ],
)
def test_page_without_database_says_nothing_of_its_address_but_the_log_does(
    *,
    shop: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
    caplog: pytest.LogCaptureFixture,
    conninfo: str | None,
    logged: str,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(str(tmp_path))
    if conninfo == "user=no_such_role":
        conninfo = make_conninfo(shop.conninfo, user="no_such_role")
    with Site(JobsDashboard(auth=NoAuth(), conninfo=conninfo)) as site:
        answer = site.get("/")
    assert answer.status_code == 503
    assert "log says why" in answer.text
    for secret in ("hunt", "no_such_role", "db.internal", "DATABASE_URL", str(tmp_path)):
        assert secret not in answer.text
    assert logged in caplog.text
    assert "hunt" not in caplog.text


def test_pool_and_conninfo_together_are_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        JobsDashboard(auth=NoAuth(), pool=AsyncConnectionPool("", open=False), conninfo="x")


def test_unmounted_dashboard_answers_the_lifespan_protocol(shop: Database) -> None:
    dashboard = JobsDashboard(auth=NoAuth(), conninfo=shop.conninfo)
    sent: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message["type"])

    asyncio.run(dashboard({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
