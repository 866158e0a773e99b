"""Only the user of this machine, in a browser with the token, sees the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jobgen.ide.access import cookie_name, is_loopback
from jobgen.ide.address import project_token
from jobgen.ide.pages import PAGES
from tests.ide.site import TOKEN, Site, served_site
from tests.support.tree import SHOP, write_tree

ADDRESSES = [page.address for page in PAGES]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for the file; no test here changes anything."""
    with served_site(write_tree(tmp_path_factory.mktemp("ide") / "secretshop", SHOP)) as site:
        yield site


def test_token_in_the_address_becomes_a_strict_cookie(site: Site) -> None:
    answer = httpx.get(f"{site.url}/?token={TOKEN}")
    assert answer.status_code == 200
    assert TOKEN not in answer.text
    assert 'content="0; url=/"' in answer.text  # no redirect: it would go without a strict cookie
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{cookie_name(TOKEN)}={TOKEN};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert site.get("/").headers["location"] == ADDRESSES[0]


@pytest.mark.parametrize("address", ["/", *ADDRESSES, "/nothing"])
def test_every_page_is_refused_without_the_token(site: Site, address: str) -> None:
    for cookies in ({}, {cookie_name(TOKEN): "another"}, {cookie_name(TOKEN): ""}):
        answer = httpx.get(site.url + address, cookies=cookies)
        assert answer.status_code == 403
        assert "Open the address that the terminal shows" in answer.text
        assert site.root.name not in answer.text, "nothing of the project is shown"
    assert httpx.get(f"{site.url}{address}?token=wrong").status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example:8001", "127.0.0.1.evil.example", "localhost.evil", "127.0.0.1@evil", ""]
)
def test_rebound_name_is_refused_even_with_the_token(site: Site, host: str) -> None:
    for address in (ADDRESSES[0], f"/?token={TOKEN}"):
        answer = site.client.get(address, headers={"host": host})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert site.root.name not in answer.text


def test_this_machine_is_accepted_at_any_port() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.0.0.1:8001", "localhost:9000", "LOCALHOST:1"]))
    refused = ["localhost:", "localhost:x", "127.0.0.1:1:2", "127.0.0.2:8001", "[::1]:8001", "٣"]
    assert not any(map(is_loopback, refused))


def test_form_of_another_origin_is_refused(site: Site) -> None:
    own = {"origin": site.url, "sec-fetch-site": "same-origin"}
    others = [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"},  # another local server
        {"origin": site.url.replace("http:", "https:")},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"origin": site.url, "sec-fetch-site": "none"},
        {},
    ]
    for headers in others:
        assert site.client.post(ADDRESSES[0], headers=headers).status_code == 403, headers
    assert site.client.post(ADDRESSES[0], headers=own).status_code != 403


def test_page_is_opened_from_anywhere_but_not_read_by_another_site(site: Site) -> None:
    def status(site_: str, destination: str) -> int:
        headers = {"sec-fetch-site": site_, "sec-fetch-dest": destination}
        return site.client.get(ADDRESSES[0], headers=headers).status_code

    assert status("none", "document") == status("same-origin", "empty") == 200
    assert status("cross-site", "document") == 200  # a link; the strict cookie decides
    for other in ("cross-site", "same-site"):
        for destination in ("empty", "iframe", "script", "image", "style"):
            assert status(other, destination) == 403, (other, destination)


def test_every_answer_has_a_strict_policy_and_is_not_stored(site: Site) -> None:
    for address in (*ADDRESSES, "/nothing", f"/?token={TOKEN}"):
        answer = site.get(address)
        policy = answer.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<style" not in answer.text
        assert "style=" not in answer.text
        assert answer.text.count("<script") == answer.text.count('<script type="module" src="/')


def test_token_is_kept_for_the_user_alone(shop: Path) -> None:
    token = project_token(shop)
    file = shop / ".jobgen/ide_token"
    assert project_token(shop) == token
    assert file.stat().st_mode & 0o777 == 0o600
    assert (shop / ".jobgen/.gitignore").read_text() == "*\n"
    file.chmod(0o644)
    assert project_token(shop) != token, "others may have read it"
    for broken in (b"", b"short", b"\xff" * 40, b"x" * 40 + b"\nSet-Cookie: a=b"):
        file.write_bytes(broken)
        assert len(project_token(shop)) == 32
