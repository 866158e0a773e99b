"""Forms of a page as a browser without JavaScript would send them."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx


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
