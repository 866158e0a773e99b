"""Failed logins are counted by client, refused unread once there are too many, and logged."""

from __future__ import annotations

import base64

import pytest
from jobgen_runtime.dashboard import BasicAuthStatic
from jobgen_runtime.dashboard.access.failed_logins import (
    FREE_FAILURES,
    MAX_CLIENTS,
    SECONDS_PER_FAILURE,
    FailedLogins,
)

from tests.dashboard.sites import MakeSite

RIGHT, WRONG = ("jobs", "secret"), ("jobs", "hunter2")


def test_client_that_guesses_must_wait_and_others_need_not() -> None:
    now = 1000.0
    failed = FailedLogins(lambda: now)
    for _ in range(FREE_FAILURES):
        assert failed.seconds_to_wait("203.0.113.5") == 0
        failed.add("203.0.113.5")
    assert failed.seconds_to_wait("203.0.113.5") == SECONDS_PER_FAILURE
    for other in ("203.0.113.6", "2001:db8::1", None):
        assert failed.seconds_to_wait(other) == 0
    now += SECONDS_PER_FAILURE
    assert failed.seconds_to_wait("203.0.113.5") == 0
    failed.add("203.0.113.5")
    assert failed.seconds_to_wait("203.0.113.5") == SECONDS_PER_FAILURE
    now += 2 * FREE_FAILURES * SECONDS_PER_FAILURE
    for _ in range(FREE_FAILURES - 1):
        failed.add("203.0.113.5")
    assert failed.seconds_to_wait("203.0.113.5") == 0


def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    failed = FailedLogins(lambda: 0.0)
    for number in range(FREE_FAILURES):
        failed.add(f"2001:db8:0:1::{number:x}")
    assert failed.seconds_to_wait("2001:db8:0:1:ffff::1") > 0
    assert failed.seconds_to_wait("2001:db8:0:2::1") == 0


def test_count_of_clients_is_bounded() -> None:
    failed = FailedLogins(lambda: 0.0)
    for number in range(MAX_CLIENTS + 100):
        failed.add(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(failed._forgiven) == MAX_CLIENTS


def test_guesses_are_refused_unread_and_logged_without_the_password(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(auth=BasicAuthStatic(*RIGHT))
    for _ in range(FREE_FAILURES):
        assert site.get("/jobs/", auth=WRONG).status_code == 401
        assert site.get("/jobs/").status_code == 401
    refused = site.get("/jobs/", auth=RIGHT)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert "content-security-policy" in refused.headers
    credentials = base64.b64encode(":".join(RIGHT).encode()).decode()
    headers = {"Host": "localhost", "Authorization": f"Basic {credentials}"}
    assert site.status("GET", "/jobs/", b"", headers, client="127.0.0.1") == 429
    assert site.status("GET", "/jobs/", b"", headers, client="203.0.113.5") == 200
    failures = [text for text in caplog.messages if "login to the dashboard failed" in text]
    assert failures == ["a login to the dashboard failed, client 127.0.0.1"] * FREE_FAILURES
    assert sum("refused for a while" in text for text in caplog.messages) == 1
    for secret in ("hunter2", "secret", "anVicz"):
        assert secret not in caplog.text
