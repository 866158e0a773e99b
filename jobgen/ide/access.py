"""Decides who may see the pages: this machine's user, in a browser that knows the token.

Another site can make the browser send requests to the loopback interface. So the Host header must
name this machine, which DNS rebinding cannot do; a request must come from these pages or from an
address that the user opened; and the cookie must have the token. A cookie is valid for all ports of
a host, so its name has a digest of the token: the pages of two projects do not share one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256

SAFE_METHODS = frozenset({"GET", "HEAD"})
"""The methods that change nothing."""

_HOSTS = frozenset({"127.0.0.1", "localhost"})


def is_loopback(host: str) -> bool:
    """Return whether a Host header names this machine, at any port because ports are forwarded."""
    name, colon, port = host.partition(":")
    is_port = port.isascii() and port.isdigit()
    return name.lower() in _HOSTS and (is_port or not colon)


def is_own_request(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether a request comes from these pages, or opens one of them.

    Args:
        method: The method; only a safe one may open a page from elsewhere.
        headers: The headers, by names in lower case.
    """
    site = headers.get("sec-fetch-site")
    if method in SAFE_METHODS:
        opens_page = headers.get("sec-fetch-dest") == "document"
        return site in {None, "same-origin", "none"} or opens_page
    # Browsers send Origin with every POST; another port of this machine is another origin.
    return site in {None, "same-origin"} and headers.get("origin") == f"http://{headers['host']}"


def cookie_name(token: str) -> str:
    """Return the name of the cookie that holds the token."""
    return f"jobgen_ide_{sha256(token.encode()).hexdigest()[:12]}"


def is_token(given: str | None, token: str) -> bool:
    """Return whether `given` is the token, in a time that does not depend on where it differs."""
    return given is not None and secrets.compare_digest(given.encode(), token.encode())
