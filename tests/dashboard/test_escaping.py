"""Text from the database or a request is escaped in every column of every view."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard import html, post_button, status_to_badge
from jobgen_runtime.dashboard.components.html import time_ago
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.web.assets import script

from tests.dashboard.sites import DashboardSite, Database, Shops

ATTACK = """"'><script src=//evil.example></script><img src=x onerror=alert(1)>"""
TABLE = f"attack {ATTACK}"[:58] + "_jobs"


class Scripts(HTMLParser):
    """Collect what could run code: elements, handlers, addresses of other sites."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and dict(attrs).get("integrity") == script().integrity:
            return  # the dashboard's own
        # The dashboard's own charts are the only drawings.
        is_chart = tag == "svg" and dict(attrs).get("class") in {"spark", "bars"}
        if tag in {"script", "img", "iframe", "object", "embed", "style", "svg", "base"}:
            self.found += [] if is_chart else [tag]
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")
            if name in {"href", "src", "action"} and not (value or "").startswith(
                ("/", "#", "data:,")
            ):
                self.found.append(f"{tag} {name}={value}")


def scripts(page: str) -> list[str]:
    parser = Scripts()
    parser.feed(page)
    return parser.found


@pytest.fixture
def job(shop: Database) -> str:
    """Return a job with the attack in every text, names included."""
    label = ATTACK[:60].replace("'", "''")
    shop.run(f"CREATE TYPE mood AS ENUM ('{label}')")
    column = '"' + ATTACK[:40].replace('"', '""') + '"'
    shop.job_table(
        TABLE, f"{column} TEXT", "mood mood", "tags TEXT[]", "payload JSONB", "raw BYTEA"
    )
    shop.run(
        "INSERT INTO job_workers (id, expires_at, host, pid, version, tables)"
        " VALUES (uuidv7(), now() + interval '1 hour', %s, 7, %s, '{}')",
        ATTACK,
        ATTACK,
    )
    shop.run(
        "INSERT INTO job_schedules (job_table, name, expression, timezone, values, last_error)"
        " VALUES (to_regclass(quote_ident(%s)), %s, %s, %s, %s, %s)",
        TABLE,
        *(ATTACK, ATTACK, ATTACK, json.dumps({ATTACK: ATTACK}), ATTACK),
    )
    return shop.insert(
        TABLE,
        status="failed",
        last_error=f"Traceback\n{ATTACK}",
        mood=ATTACK[:60],
        tags=[ATTACK],
        payload=json.dumps(ATTACK),
        raw=ATTACK.encode(),
        **{ATTACK[:40]: ATTACK},
    )


@pytest.mark.parametrize(
    ("method", "action"),
    [
        ("GET", ""),
        ("GET", "ListJob"),
        ("GET", "ViewJob"),
        ("GET", "CreateJob"),
        ("GET", "ListErrors"),
        ("GET", "ListWorkers"),
        ("GET", "ListSchedules"),
        ("GET", "CreateSchedule"),
        ("GET", "ChangeSchedule"),
        ("GET", "ViewCharts"),
    ],
)
def test_stored_text_is_escaped_on_every_page(
    site: DashboardSite, job: str, method: str, action: str
) -> None:
    page = site.request(
        method, f"/jobs/{action}", params={"tableName": TABLE, "id": job, "name": ATTACK}
    )
    assert page.status_code == 200
    assert scripts(page.text) == []
    assert "&lt;script" in page.text


def test_error_of_the_database_is_escaped(site: DashboardSite, shop: Database) -> None:
    shop.job_table("scrape_jobs", "pages int NOT NULL", "note text")
    form = {"tableName": "scrape_jobs", "pages": ATTACK, "note": ATTACK, "run_at": ATTACK}
    page = site.post("/jobs/CreateJob", form)
    assert page.status_code == 422
    assert scripts(page.text) == []
    assert "&lt;script" in page.text


@pytest.fixture(scope="module")
def scrapes(shops: Shops) -> Iterator[tuple[DashboardSite, str]]:
    """Return a dashboard, and the id of its only job, which stays as it is."""
    with shops.new() as shop, DashboardSite(conninfo=shop.conninfo) as site:
        shop.job_table("scrape_jobs", "x text")
        yield site, shop.insert("scrape_jobs")


@pytest.mark.parametrize(
    "name", ["tableName", "id", "status", "page", "before", "notice", "x", "error", "range"]
)
@pytest.mark.parametrize(
    "action",
    [
        *("", "ListJob", "ViewJob", "CreateJob", "RetryJob", "ListErrors", "ListWorkers"),
        *("ListSchedules", "CreateSchedule", "ChangeSchedule", "ViewCharts"),
    ],
)
def test_text_of_a_request_is_escaped(
    scrapes: tuple[DashboardSite, str], name: str, action: str
) -> None:
    site, job = scrapes
    where = {"tableName": "scrape_jobs", "id": job, name: ATTACK}
    method = "POST" if action == "RetryJob" else "GET"
    page = site.request(method, f"/jobs/{action}?{urlencode(where)}")
    assert page.status_code in {200, 303, 400, 404}
    assert scripts(page.text) == []


def test_every_response_has_restrictive_headers(site: DashboardSite, shop: Database) -> None:
    shop.job_table("scrape_jobs")
    answers = [
        site.get("/jobs/"),
        site.get("/jobs/nothing"),
        site.get("/jobs/ListJob?tableName=x"),
        site.get("/jobs/DeleteJob"),
        site.post("/jobs/CreateJob?tableName=scrape_jobs"),
        site.post("/jobs/CreateJob", headers={"Sec-Fetch-Site": "cross-site"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 405, 303, 403]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


@given(st.text(), st.text())
def test_components_escape_their_arguments(first: str, second: str) -> None:
    pieces = [
        html("<p class='{}'>{}</p>", first, second),
        html('<a href="/{a}">{b}</a>', a=first, b=second),
        post_button("/jobs/RetryJob", first, {second: first}, kind=second),
        time_ago(Moment(0), Moment(1)),
        *(status_to_badge(status) for status in JobStatus),
    ]
    for piece in pieces:
        assert scripts(piece) == []
        assert piece.count("<script") == 0
