"""The pages of a project, as a browser with the token gets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from jobgen.ide.access import cookie_name
from jobgen.ide.serve import ide_server
from tests.support.serving import running

TOKEN = "a-token-for-tests"


@dataclass(frozen=True)
class Site:
    """The pages of the project at `root`, at the address `url`."""

    root: Path
    url: str
    client: httpx.Client

    def get(self, address: str, **parameters: str | list[str]) -> httpx.Response:
        """Open a page."""
        return self.client.get(address, params=parameters)

    def post(self, address: str, **form: str | list[str]) -> httpx.Response:
        """Send a form of these pages."""
        return self.client.post(address, data=form, headers={"origin": self.url})


@contextmanager
def served_site(root: Path) -> Iterator[Site]:
    """Serve the pages of the project at `root` on a free port."""
    with running(ide_server(root, TOKEN)) as url:
        cookies = {cookie_name(TOKEN): TOKEN}
        with httpx.Client(base_url=url, cookies=cookies, timeout=60) as client:
            yield Site(root, url, client)
