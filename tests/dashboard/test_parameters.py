"""Any request gets a page that says what is wrong, never a server error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, urlencode

import pytest
from jobgen_runtime.dashboard.actions import ACTIONS
from jobgen_runtime.dashboard.web.parameters import MAX_BODY

from tests.dashboard.sites import DashboardSite, Database, Shops

TABLE = "email_customers_jobs"
HUGE = "9" * 5_000


@pytest.fixture
def table(shop: Database) -> str:
    shop.job_table(TABLE, "note text")
    shop.insert(TABLE)
    return TABLE


@pytest.fixture(scope="module")
def unchanged(shops: Shops) -> Iterator[DashboardSite]:
    """Return a dashboard with one job, for the tests whose requests change nothing."""
    with shops.new() as shop, DashboardSite(conninfo=shop.conninfo) as site:
        shop.job_table(TABLE, "note text")
        shop.insert(TABLE)
        yield site


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("1", 200),
        ("2", 200),
        ("0", 200),
        ("-1", 200),
        ("+1", 200),
        ("", 200),
        (" 1 ", 200),
        ("9" * 100, 200),
        ("-" + "9" * 99, 200),
        (HUGE, 400),
        ("9223372036854775808", 200),
        ("1e9", 400),
        ("1.5", 400),
        ("NaN", 400),
        ("٣", 400),
        ("0x10", 400),
        ("1_0", 400),
        ("1;DROP", 400),
        ("%00", 400),
        ("\0", 400),
    ],
)
def test_page_numbers_are_clamped_or_refused(
    unchanged: DashboardSite, page: str, status: int
) -> None:
    answer = unchanged.get(f"/jobs/ListJob?tableName={TABLE}&page={quote(page)}")
    assert answer.status_code == status


NAMES = ["tableName", "id", "page", "status", "before", "after", "at", "q", "sort", "where_count"]
NAMES += ["copyOf", "notice", "note", "count", "run_at", "error", "range"]
ROUTES = [(method, action) for action, methods in ACTIONS.items() for method in methods]
MEGABYTE = "0" * 2**19 + "=" * 2**19
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SECONDS = 1
"""Of processor time, which a waiting test does not use. Reading a megabyte takes 20 ms."""


@pytest.mark.parametrize("name", NAMES)
def test_parameter_of_a_megabyte_costs_no_time(
    site: DashboardSite, shop: Database, table: str, name: str
) -> None:
    shop.run(f"ALTER TABLE {table} ADD count int")
    [row] = shop.rows(table)
    for method, action in ROUTES:
        began = time.process_time()
        query = f"{name}={MEGABYTE}".encode()
        assert site.status(method, f"/jobs/{action}", query, {"Host": "localhost"}) == 414
        middle = MEGABYTE[2**19 - 8_000 : 2**19 + 8_000]
        short = f"tableName={table}&id={row['id']}&{name}={middle}".encode()
        status = site.status(method, f"/jobs/{action}", short, {"Host": "localhost"})
        assert status in {200, 303, 400, 404, 409, 422}
        if method == "POST":
            fields = {"tableName": table, "id": str(row["id"]), name: ""}
            body = f"{urlencode(fields)}&{name}={MEGABYTE}"[:MAX_BODY].encode()
            answer = site.request("POST", f"/jobs/{action}", content=body, headers=FORM)
            assert answer.status_code in {200, 303, 400, 404, 409, 422}
            assert len(answer.text) < MAX_BODY + 20_000
        assert time.process_time() - began < SECONDS, (method, action)


def test_form_of_a_megabyte_of_escapes_holds_up_nothing_else(
    site: DashboardSite, table: str
) -> None:
    body = b"tableName=" + table.encode() + b"&note=" + b"%C3%A9" * (MAX_BODY // 6 - 10)
    began = time.process_time()
    answer = site.request("POST", "/jobs/CreateJob", content=body, headers=FORM)
    assert answer.status_code == 303
    assert time.process_time() - began < 3 * SECONDS


def test_page_parameter_of_sixty_thousand_zeros_costs_no_time(unchanged: DashboardSite) -> None:
    for zeros in (10_000, 60_000):
        began = time.process_time()
        query = f"tableName={TABLE}&page={'0' * zeros}x".encode()
        assert unchanged.status("GET", "/jobs/ListJob", query, {"Host": "localhost"}) in {400, 414}
        assert time.process_time() - began < SECONDS


def test_headers_of_a_megabyte_cost_no_time(site: DashboardSite) -> None:
    names = ("Host", "Origin", "Sec-Fetch-Site", "Authorization", "Content-Type", "Cookie")
    for name, part in product(names, ("0", "[", ":", "http://.", "Basic ", "é")):
        began = time.process_time()
        headers = {"Host": "localhost", name: part * (2**20 // len(part))}
        assert site.status("POST", "/jobs/RetryJob", b"", headers) in {400, 403}
        assert time.process_time() - began < SECONDS, (name, part)


@pytest.mark.parametrize(
    "job_id",
    [
        "",
        "1",
        "x" * 36,
        HUGE,
        "\0",
        "01890000-0000-7000-8000-00000000000\0",
        "{01890000-0000-7000-8000-00000000000}",
        "urn:uuid:01890000-0000-7000-8000-000000000000",
        "01890000000070008000000000000000",
        "' OR true --",
        "🦊" * 36,
    ],
)
@pytest.mark.parametrize(
    ("method", "action"), [("GET", "ViewJob"), ("POST", "RetryJob"), ("POST", "DeleteJob")]
)
def test_invalid_ids_get_400(
    unchanged: DashboardSite, method: str, action: str, job_id: str
) -> None:
    answer = unchanged.request(method, f"/jobs/{action}", params={"tableName": TABLE, "id": job_id})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "action"), [("GET", "ViewJob"), ("POST", "RetryJob"), ("POST", "DeleteJob")]
)
def test_unknown_job_gets_404(unchanged: DashboardSite, method: str, action: str) -> None:
    where = {"tableName": TABLE, "id": "01890000-0000-7000-8000-000000000000"}
    answer = unchanged.request(method, f"/jobs/{action}", params=where)
    assert answer.status_code == 404
    assert "There is no" in answer.text


@pytest.mark.parametrize("status", ["nothing", "job_status_failed", "FAILED", "1", HUGE, "'"])
def test_unknown_status_gets_400(unchanged: DashboardSite, status: str) -> None:
    answer = unchanged.get("/jobs/ListJob", params={"tableName": TABLE, "status": status})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"note=%00", "application/x-www-form-urlencoded", 400),
        (b"note=%ff", "application/x-www-form-urlencoded", 400),
        (b"note=\xff", "application/x-www-form-urlencoded", 400),
        (b"x=1&" * 1_500, "application/x-www-form-urlencoded", 400),
        (b"note=" + b"x" * 1_048_576, "application/x-www-form-urlencoded", 413),
        (b'{"note": "x"}', "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"note=x", "", 415),
        (b"note=x", "Application/X-WWW-Form-Urlencoded; charset=utf-8", 303),
        (b"", "", 303),
    ],
)
def test_bodies_that_are_not_forms_are_refused(
    *, site: DashboardSite, shop: Database, table: str, body: bytes, kind: str, status: int
) -> None:
    answer = site.request(
        "POST",
        f"/jobs/CreateJob?tableName={table}",
        content=body,
        headers={"Content-Type": kind} if kind else {},
    )
    assert answer.status_code == status
    assert len(shop.rows(TABLE)) == (2 if status == 303 else 1)


@pytest.mark.parametrize("query", ["%00=1", "tableName=%ff", "&" * 3_000, "x=1&" * 2_000])
def test_malformed_queries_are_refused(unchanged: DashboardSite, query: str) -> None:
    assert unchanged.get(f"/jobs/ListJob?{query}").status_code == 400
