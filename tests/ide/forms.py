"""Pages as a browser without JavaScript reads them, and the forms that it sends."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx

from tests.ide.site import Site


class _Forms(HTMLParser):
    """Collects the forms that are sent with POST, with their hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = {}
            if values.get("method") == "post":
                self.forms[values["action"]] = self._open
        elif tag == "input" and values.get("type") == "hidden" and self._open is not None:
            self._open[values["name"]] = values["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def posted_forms(page: httpx.Response) -> dict[str, dict[str, str]]:
    """Return the hidden fields of each form of the page that is sent with POST, by its address."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


def text_of(page: httpx.Response) -> str:
    """Return the text of a page without tags."""
    return unescape(re.sub(r"<[^>]+>", "", page.text))


def generate(site: Site, page: httpx.Response) -> httpx.Response:
    """Press the button of a page that shows a plan."""
    [(action, form)] = posted_forms(page).items()
    return site.post(action, **form)
