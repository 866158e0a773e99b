"""Which requests another site may have caused: decided from the headers alone, without a session.

The rule is Go 1.25's `net/http.CrossOriginProtection`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def checked_origin(origin: str) -> str:
    """The origin, if it is one: `scheme://host` or `scheme://host:port`; else ValueError."""
    parts = urlsplit(origin)
    if not parts.scheme or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(
            f"trusted_origins: {origin!r} is not an origin; write it as https://jobs.example.com"
        )
    return origin


@dataclass(frozen=True)
class CrossOriginProtection:
    """Refuses requests that change something and come from a page of another origin.

    `trusted_origins` are for proxies that rewrite the Host header, and for sister sites.
    """

    trusted_origins: frozenset[str]

    @classmethod
    def trusting(cls, origins: Iterable[str]) -> CrossOriginProtection:
        return cls(frozenset(checked_origin(origin) for origin in origins))

    def allows(
        self, method: str, *, host: str, origin: str | None, sec_fetch_site: str | None
    ) -> bool:
        """Whether the request may go on.

        Browsers since 2020 send Sec-Fetch-Site to https and localhost, older ones send Origin
        with every POST. A request with neither comes from no browser, so that no victim's
        credentials can be in it.
        """
        if method in SAFE_METHODS or origin in self.trusted_origins:
            return True
        if sec_fetch_site is not None:
            return sec_fetch_site in {"same-origin", "none"}
        if origin is None:
            return True
        return bool(host) and urlsplit_netloc(origin) == host


def urlsplit_netloc(origin: str) -> str:
    """The host and port in an Origin header; empty where there are none ("null")."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
