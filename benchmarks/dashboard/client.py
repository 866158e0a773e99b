"""Ask the dashboard for pages as a browser does, over one connection."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlencode

TIMEOUT = 60.0
"""Seconds without a byte of an answer."""


@dataclass(frozen=True)
class Page:
    """A page to measure: a GET, or a POST of `form` that changes nothing."""

    name: str
    address: str
    form: str | None = None


@dataclass(frozen=True)
class Answer:
    """How an answer was, and the milliseconds that it took."""

    status: int
    milliseconds: float
    bytes: int


class Client:
    """A browser with one tab. As browsers do, it sends the ETag of the page that it has."""

    def __init__(self, server: str) -> None:
        self._connection = HTTPConnection(server, timeout=TIMEOUT)
        self._etags: dict[str, str] = {}

    def address(self, action: str, **parameters: str) -> str:
        """Return the address of a page."""
        return f"/{action}" + (f"?{urlencode(parameters)}" if parameters else "")

    def ask(self, page: Page, *, again: bool = False) -> Answer:
        """Load a page, or only what has changed since it was loaded last if `again`."""
        etag = self._etags.get(page.address) if again else None
        begun = time.perf_counter()
        status, body, headers = self._send(page, {"If-None-Match": etag} if etag else {})
        milliseconds = 1000 * (time.perf_counter() - begun)
        if "etag" in headers:
            self._etags[page.address] = headers["etag"]
        return Answer(status, milliseconds, len(body))

    def read(self, page: Page) -> tuple[int, str]:
        """Return the status and the text of a page."""
        status, body, headers = self._send(page, {})
        is_compressed = headers.get("content-encoding") == "gzip"
        return status, (gzip.decompress(body) if is_compressed else body).decode()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(self, page: Page, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        sent = {"Accept-Encoding": "gzip", **headers}
        method = "GET" if page.form is None else "POST"
        if page.form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, page.address, page.form, sent)
        try:
            response = self._connection.getresponse()
        except (ConnectionResetError, RemoteDisconnected):
            # The server closes connections that are idle for some seconds: then ask once more.
            self._connection.close()
            self._connection.request(method, page.address, page.form, sent)
            response = self._connection.getresponse()
        body = response.read()
        return response.status, body, {key.lower(): value for key, value in response.getheaders()}
