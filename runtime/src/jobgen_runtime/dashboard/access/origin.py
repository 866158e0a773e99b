"""Protection against requests of other sites, by headers alone and without a session.

For requests that change something, the rule is Go 1.25's `net/http.CrossOriginProtection`. For the
others, it is the resource isolation policy of https://web.dev/articles/fetch-metadata: another site
may link to a page, but may not load it as an image, as a script or by `fetch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site for the dashboard's own pages, and for an address that was typed."""

MAX_ORIGIN = 500
"""Characters of the longest Origin header that is read."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


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
    """Reject requests that come from a page of another origin.

    `trusted_origins` are for proxies that rewrite the Host header, and for sister sites.
    """

    trusted_origins: frozenset[str]

    @classmethod
    def trusting(cls, origins: Iterable[str]) -> CrossOriginProtection:
        """Trust these origins besides the Host header's.

        Raises:
            TypeError: `origins` is one text instead of a list.
            ValueError: One of them is not an origin.
        """
        if isinstance(origins, str):
            raise TypeError(f"trusted_origins: write [{origins!r}] instead of {origins!r}.")
        return cls(frozenset(checked_origin(origin) for origin in origins))

    def allow(self, method: str, headers: Mapping[str, str]) -> bool:
        """Return whether the request is allowed.

        Browsers since 2020 send Sec-Fetch-Site to https and localhost; older ones send Origin with
        every POST. A request with neither does not come from a browser, so it cannot carry a
        victim's credentials.

        Args:
            method: The HTTP method.
            headers: The request's headers, by names in lower case.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin in self.trusted_origins:
            return True
        if method in SAFE_METHODS:
            return site is None or site in OWN_SITES or _is_link(headers)
        if site is not None:
            return site in OWN_SITES
        return origin is None or _is_own(origin, headers.get("host", ""))


def _is_link(headers: Mapping[str, str]) -> bool:
    """Return whether a browser asks for a page because somebody follows a link to it."""
    return headers.get("sec-fetch-mode", "navigate") == "navigate"


def _is_own(origin: str, host: str) -> bool:
    """Return whether the Origin header names the host and port of the Host header."""
    if len(origin) > MAX_ORIGIN:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    default_port = _DEFAULT_PORTS.get(parts.scheme)
    if default_port is None or not host:
        return False
    own, other = host.lower(), parts.netloc.lower()
    return own.removesuffix(default_port) == other.removesuffix(default_port)
