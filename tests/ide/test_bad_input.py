"""Hostile, huge and broken input gives a page that says what is wrong, and changes nothing."""

from __future__ import annotations

import re
import shlex
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from starlette.responses import Response

from jobgen.generate.table import GENERATORS
from jobgen.ide.access import cookie_name
from jobgen.ide.application import ide_application
from jobgen.ide.page import Page, PageRequest
from jobgen.ide.pages import PAGES
from jobgen.ide.parameters import MAX_FIELDS, MAX_FORM_BYTES
from tests.ide.forms import generate, text_of
from tests.ide.site import TOKEN, Site, served_site
from tests.support.serving import serve
from tests.support.tree import read_tree

JOB = "/generate/job"
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea><b>x",
    "{{ 7 * 7 }}{% raw %}",
    "../../etc/passwd",
    "$(touch x); `id` 'quoted'",
    "--force",
    "class",
    "\uff25mail\u2160",
    "\u0436" * 300,
    "\u202egnp.exe \U0001f600",
    "O'Neil:text; DROP TABLE bands; --",
]


def test_hostile_text_in_every_field_is_shown_as_text_and_changes_nothing(site: Site) -> None:
    before = read_tree(site.root)
    for generator in GENERATORS:
        if not generator.in_project or not generator.arguments:
            continue
        address = f"/generate/{generator.name.replace(' ', '-')}"
        good = {"name": "Greet", "table": "bands"}
        names = [argument.name for argument in generator.arguments]
        for text in HOSTILE:
            for hostile in (names, [name for name in names if name not in good]):
                fields = {name: text if name in hostile else good[name] for name in names}
                choices = {f"plan.file:{text}": text, "plan.digest": text, text: text}
                page = site.get(address, **fields, **choices)
                assert page.status_code == 200, fields
                assert page.text.count("<script") == 1, fields
                assert not re.search(r"<(img|b|raw)[ >]", page.text), fields
                assert unescape(page.text).count(text) >= bool(hostile)
                [command] = re.findall(r'<code id="command">(.*?)</code>', page.text, re.DOTALL)
                words = shlex.split(unescape(command))
                assert words[: 1 + len(generator.name.split())] == generator.command.split()
                assert len(words) <= 1 + len(generator.name.split()) + 2 * len(names)
    for text in HOSTILE:
        for address in ("/generate/", "/changes/"):
            assert site.get(address + text).status_code in {404, 410}
    assert read_tree(site.root) == before


def test_form_that_is_too_large_or_malformed_is_refused_with_a_reason(site: Site) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "origin": site.url}

    def post(content: bytes, **headers: str) -> httpx.Response:
        return site.client.post(JOB, content=content, headers=form | headers)

    long = urlencode({"name": "x" * MAX_FORM_BYTES}).encode()
    answer = post(long)
    assert answer.status_code == 413
    assert "Enter less text" in text_of(answer)
    connection = HTTPConnection(site.client.base_url.netloc.decode(), timeout=60)
    cookie = f"{cookie_name(TOKEN)}={TOKEN}"
    connection.request("GET", f"{JOB}?{long.decode()}", headers={"cookie": cookie})
    assert connection.getresponse().status == 413, "httpx sends no address of this length"
    connection.close()
    many = urlencode([("name", "x")] * (MAX_FIELDS + 1))
    for content in (many, "name=%ff", "name=a%00b", "%00=a"):
        for answer in (post(content.encode()), site.client.get(f"{JOB}?{content}")):
            assert answer.status_code == 400, content
            assert "The form" in text_of(answer)
    assert post(b"{}", **{"content-type": "application/json"}).status_code == 415
    assert site.get(JOB, name="x" * 20_000).status_code == 200
    lines = "\n".join(f"column_{number}:text" for number in range(1_000))
    assert "column_999" in site.get(JOB, name="Wide", columns=lines).text
    assert not (site.root / ".jobgen").exists()


@pytest.mark.parametrize(
    ("pyproject", "said"),
    [
        (None, "No project here"),
        ("[project]\nname = 'x'\n", "No project here"),
        ("[tool.jobgen", "pyproject.toml"),
        ("[tool.jobgen]\nunknown = 1\n", "unknown option"),
        (b"\xff\xfe", "pyproject.toml"),
    ],
    ids=["missing", "other", "syntax", "option", "encoding"],
)
def test_project_that_breaks_while_the_page_is_open_is_explained_until_it_is_whole(
    site: Site, pyproject: str | bytes | None, said: str
) -> None:
    page = site.get(JOB, name="Greet")
    file = site.root / "pyproject.toml"
    whole = file.read_bytes()
    if pyproject is None:
        file.unlink()
    else:
        file.write_bytes(pyproject.encode() if isinstance(pyproject, str) else pyproject)
    for answer in (site.get(JOB, name="Greet"), generate(site, page), site.get("/generate")):
        assert answer.status_code == 409
        assert said in text_of(answer)
        assert "Traceback" not in answer.text
    assert not (site.root / "Web/Job").exists()
    file.write_bytes(whole)
    assert generate(site, page).status_code == 303


def test_read_only_project_is_shown_and_refused(shop: Path) -> None:
    before = read_tree(shop)
    shop.chmod(0o555)
    try:
        with served_site(shop) as site:
            page = site.get(JOB, name="Greet")
            assert "class Greet(" in text_of(page)
            answer = generate(site, page)
            assert answer.status_code == 409
            assert "read-only" in text_of(answer)
            assert site.get("/changes").status_code == 200
    finally:
        shop.chmod(0o755)
    assert read_tree(shop) == before


def test_broken_files_of_the_project_are_issues_of_the_plan(site: Site) -> None:
    schema = site.root / "Application/Schema.sql"
    whole = schema.read_bytes()
    for content, said in ((b"CREATE TABLE (", "Schema.sql"), (b"\xff", "UTF-8")):
        schema.write_bytes(content)
        page = site.get(JOB, name="Greet")
        assert page.status_code == 200
        assert said in text_of(page)
        assert "Nothing can be generated yet." in text_of(page)
    schema.unlink()
    schema.mkdir()
    assert "is a folder" in text_of(site.get(JOB, name="Greet"))
    schema.rmdir()
    schema.write_bytes(whole)
    assert "Create 4 files, update 2." in text_of(site.get(JOB, name="Greet"))


def test_receipt_that_cannot_be_read_is_named(site: Site) -> None:
    done = generate(site, site.get(JOB, name="Greet")).headers["location"]
    [receipt] = (site.root / ".jobgen/receipts").glob("*.json")
    receipt.write_text("{")
    for address in ("/changes", done):
        answer = site.get(address)
        assert answer.status_code == 409
        assert str(receipt) in text_of(answer)


def test_fault_of_a_page_is_said_without_a_traceback_and_the_next_page_works(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: PageRequest) -> Response:
        raise ZeroDivisionError("the reason")

    broken = Page("/broken", "Broken", reads={"": fail}, writes={})
    with (
        serve(ide_application(shop, TOKEN, (broken, *PAGES))) as url,
        httpx.Client(base_url=url, cookies={cookie_name(TOKEN): TOKEN}) as client,
    ):
        answer = client.get("/broken", headers={"connection": "close"})
        assert answer.status_code == 500
        assert "the terminal shows where it is" in answer.text
        assert "ZeroDivisionError" not in answer.text
        assert client.get(JOB).status_code == 200
        assert client.post(JOB, headers={"origin": url}).status_code == 415
        assert client.delete(JOB, headers={"origin": url}).status_code == 405
    assert "ZeroDivisionError: the reason" in capsys.readouterr().err
