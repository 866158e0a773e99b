"""Requests of other sites: the cases of Go 1.25's CrossOriginProtection, and subresources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jobgen_runtime.dashboard import JobsDashboard, NoAuth

from tests.dashboard.sites import Database, MakeSite, Shops

TABLE = "email_customers_jobs"
TRUSTED = "https://sister.example"

# method, Sec-Fetch-Site, Origin, allowed: Host is always shop:8000.
CASES = [
    ("POST", "same-origin", None, True),
    ("POST", "none", None, True),
    ("POST", "cross-site", None, False),
    ("POST", "same-site", None, False),
    ("POST", "nonsense", None, False),
    ("POST", "", None, False),
    ("POST", None, None, True),
    ("POST", None, "http://shop:8000", True),
    ("POST", None, "https://shop:8000", True),
    ("POST", None, "http://SHOP:8000", True),
    ("POST", None, "ftp://shop:8000", False),
    ("POST", None, "http://shop", False),
    ("POST", None, "http://" + "x" * 10_000, False),
    ("POST", None, "http://shop:8000.evil.example", False),
    ("POST", None, "http://evil.example/shop:8000", False),
    ("POST", None, "http://evil.example", False),
    ("POST", None, "null", False),
    ("POST", None, "http://[", False),
    ("POST", "cross-site", "http://shop:8000", False),
    ("POST", "same-origin", "http://evil.example", True),
    ("POST", "cross-site", TRUSTED, True),
    ("POST", None, TRUSTED, True),
    ("POST", None, f"{TRUSTED}.evil.example", False),
    ("POST", None, "http://sister.example", False),
    ("GET", "cross-site", "http://evil.example", True),
    ("HEAD", "cross-site", "http://evil.example", True),
]


@pytest.fixture(scope="module")
def shop(shops: Shops) -> Iterator[Database]:
    with shops.new() as opened:
        opened.job_table(TABLE)
        yield opened


@pytest.mark.parametrize(("method", "fetch_site", "origin", "allowed"), CASES)
def test_cross_origin_protection_decides_by_headers(
    *,
    make_site: MakeSite,
    shop: Database,
    method: str,
    fetch_site: str | None,
    origin: str | None,
    allowed: bool,
) -> None:
    before = len(shop.rows(TABLE))
    site = make_site(trusted_origins=[TRUSTED], allowed_hosts=["shop"])
    headers = {"Host": "shop:8000"}
    if fetch_site is not None:
        headers["Sec-Fetch-Site"] = fetch_site
    if origin is not None:
        headers["Origin"] = origin
    answer = site.request(method, f"/jobs/CreateJob?tableName={TABLE}", headers=headers)
    created = len(shop.rows(TABLE)) - before
    assert answer.status_code == (403 if not allowed else 303 if method == "POST" else 200)
    assert created == (1 if allowed and method == "POST" else 0)


@pytest.mark.parametrize(
    ("host", "origin"),
    [("shop:80", "http://shop"), ("shop", "https://shop:443"), ("SHOP", "http://shop")],
)
def test_default_port_and_case_do_not_make_another_origin(
    make_site: MakeSite, host: str, origin: str
) -> None:
    site = make_site(allowed_hosts=["shop"])
    answer = site.post("/jobs/nothing", headers={"Host": host, "Origin": origin})
    assert answer.status_code == 404


@pytest.mark.parametrize("fetch_site", ["cross-site", "same-site"])
def test_page_is_no_image_or_script_of_another_site_but_may_be_linked_to(
    make_site: MakeSite, fetch_site: str
) -> None:
    site = make_site()
    for mode, status in (("no-cors", 403), ("cors", 403), ("navigate", 200)):
        headers = {"Sec-Fetch-Site": fetch_site, "Sec-Fetch-Mode": mode}
        assert site.get("/jobs/", headers=headers).status_code == status, mode
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}
    answer = site.get("/jobs/", headers=own)
    assert answer.status_code == 200
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "action", ["CancelJob", "DeleteJob", "RetryJob", "CreateJob", "ListJobs", "nothing", "assets/x"]
)
def test_post_from_another_site_is_refused_at_every_address(
    make_site: MakeSite, action: str
) -> None:
    answer = make_site().post(f"/jobs/{action}", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "trusted_origins" in answer.text


@pytest.mark.parametrize(
    "origin", ["sister.example", "https://sister.example/", "https://a/b", "", "https://", "*"]
)
def test_invalid_trusted_origin_is_refused_at_construction(origin: str) -> None:
    with pytest.raises(ValueError, match="trusted_origins"):
        JobsDashboard(auth=NoAuth(), trusted_origins=[origin])
