"""The Host header: a name that was made to resolve to the dashboard's address gets nothing."""

from __future__ import annotations

import pytest
from jobgen_runtime.dashboard import BasicAuthStatic, JobsDashboard, NoAuth
from jobgen_runtime.dashboard.access.hosts import AllowedHosts

from tests.dashboard.sites import Database, MakeSite

LOOPBACK = [
    "localhost",
    "LOCALHOST:8321",
    "localhost.",
    "shop.localhost:8000",
    "127.0.0.1",
    "127.8.9.1:80",
    "[::1]:8000",
    "[::1]",
]
FOREIGN = [
    "",
    "attacker.example",
    "attacker.example:8000",
    "localhost.attacker.example",
    "127.0.0.1.attacker.example",
    "localhost:8000@attacker.example",
    "notlocalhost",
    "10.0.0.1",
    "0.0.0.0",  # noqa: S104 -- a header
    "[::2]",
    "[::1",
    "[::1]x",
    "localhost:x",
    "localhost:80:80",
]


def test_dashboard_without_authentication_answers_only_for_its_own_machine(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table("email_customers_jobs")
    job = shop.insert("email_customers_jobs")
    site = make_site()
    for host in LOOPBACK:
        assert site.get("/jobs/", headers={"Host": host}).status_code == 200, host
    for host in FOREIGN:
        rebound = {
            "Host": host,
            "Origin": f"http://{host}"[:200],
            "Sec-Fetch-Site": "same-origin",
        }
        listed = site.get("/jobs/", headers=rebound)
        assert listed.status_code == 400, host
        assert "allowed_hosts" in listed.text
        assert "email_customers_jobs" not in listed.text
        address = f"/jobs/DeleteJob?tableName=email_customers_jobs&id={job}"
        assert site.post(address, headers=rebound).status_code == 400, host
    assert shop.job("email_customers_jobs", job) is not None


def test_allowed_hosts_are_names_domains_or_all(make_site: MakeSite) -> None:
    auth = BasicAuthStatic("jobs", "secret")
    cases = {
        ("Jobs.example.com",): (
            {"jobs.example.com", "JOBS.example.com:443"},
            {"example.com", "localhost"},
        ),
        (".example.com", "[::1]"): (
            {"example.com", "a.b.example.com", "[::1]:80"},
            {"badexample.com"},
        ),
        ("*",): ({"anything", ""}, set()),
    }
    for patterns, (allowed, refused) in cases.items():
        site = make_site(auth=auth, allowed_hosts=patterns)
        for host in allowed | refused:
            status = site.get("/jobs/", headers={"Host": host}).status_code
            assert status == (401 if host in allowed else 400), (patterns, host)
    assert make_site(auth=auth).get("/jobs/", headers={"Host": "shop"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["https://jobs.example.com", "jobs.example.com:80", "a/b", "", "*.example.com", " "]
)
def test_invalid_allowed_host_is_refused_at_construction(host: str) -> None:
    with pytest.raises(ValueError, match="allowed_hosts"):
        JobsDashboard(auth=NoAuth(), allowed_hosts=[host])


def test_one_text_instead_of_a_list_is_refused() -> None:
    with pytest.raises(TypeError, match="allowed_hosts"):
        AllowedHosts.of("jobs.example.com")
    with pytest.raises(TypeError, match="trusted_origins"):
        JobsDashboard(auth=NoAuth(), trusted_origins="https://jobs.example.com")
    with pytest.raises(ValueError, match="allowed_hosts"):
        JobsDashboard(auth=NoAuth(), allowed_hosts=[])
