"""Protection against cross-site request forgery, by headers alone and without a session.

The rule is Go 1.25's `net/http.CrossOriginProtection`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def checked_origin(origin: str) -> str:
    """Return the origin if it has the form `scheme://host` or `scheme://host:port`.

    Raises:
        ValueError: It does not.
    """
    parts = urlsplit(origin)
    if not parts.scheme or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(
            f"trusted_origins: {origin!r} is not an origin. Write it as https://jobs.example.com."
        )
    return origin


@dataclass(frozen=True)
class CrossOriginProtection:
    """Reject requests that change something and come from a page of another origin.

    `trusted_origins` are for proxies that rewrite the Host header, and for sister sites.
    """

    trusted_origins: frozenset[str]

    @classmethod
    def trusting(cls, origins: Iterable[str]) -> CrossOriginProtection:
        """Trust these origins besides the Host header's.

        Raises:
            ValueError: One of them is not an origin.
        """
        return cls(frozenset(checked_origin(origin) for origin in origins))

    def allows(
        self, method: str, *, host: str, origin: str | None, sec_fetch_site: str | None
    ) -> bool:
        """Return whether the request is allowed.

        Browsers since 2020 send Sec-Fetch-Site to https and localhost; older ones send Origin with
        every POST. A request with neither does not come from a browser, so it cannot carry a
        victim's credentials.
        """
        if method in SAFE_METHODS or origin in self.trusted_origins:
            return True
        if sec_fetch_site is not None:
            return sec_fetch_site in {"same-origin", "none"}
        if origin is None:
            return True
        return bool(host) and urlsplit_netloc(origin) == host


def urlsplit_netloc(origin: str) -> str:
    """Return the host and port of an Origin header; empty if it has none ("null")."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
