"""The hosts that the dashboard answers for: protection against DNS rebinding.

If the name of another site is made to resolve to the dashboard's address, a browser takes the
dashboard's pages for that site's own. Only the Host header tells them apart.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

ANY_HOST = "*"
MAX_HOST = 300
"""Characters of the longest Host header that is read; a name has at most 253."""

_PATTERN = re.compile(r"\.?[\w-][\w.-]*|\[[0-9a-f:.]+\]")
_BRACKETS = re.compile(r"^\[([^]]*)\]$")


@dataclass(frozen=True)
class AllowedHosts:
    """Decide by the Host header. Without patterns, only names of this machine are allowed."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str]) -> AllowedHosts:
        """Allow hosts by name, by their domain (".example.com"), or all of them ("*").

        Raises:
            TypeError: `patterns` is one text instead of a list.
            ValueError: One of them is not a host, or there is none.
        """
        if isinstance(patterns, str):
            raise TypeError(f"allowed_hosts: write [{patterns!r}] instead of {patterns!r}.")
        checked = tuple(_checked(pattern) for pattern in patterns)
        if not checked:
            raise ValueError("allowed_hosts: list at least one host, such as jobs.example.com.")
        return cls(checked)

    def allow(self, header: str) -> bool:
        """Return whether a request with this Host header is answered."""
        if ANY_HOST in self.patterns:
            return True
        name = _name(header)
        if not self.patterns:
            return _is_loopback(name)
        return any(
            name == pattern or (pattern.startswith(".") and f".{name}".endswith(pattern))
            for pattern in self.patterns
        )


def _checked(pattern: str) -> str:
    if pattern != ANY_HOST and not _PATTERN.fullmatch(pattern.lower()):
        raise ValueError(
            f"allowed_hosts: {pattern!r} is not a host. Write jobs.example.com, without a scheme "
            "and a port, .example.com for all hosts of a domain, or * for any host."
        )
    return pattern.lower()


def _name(header: str) -> str:
    """Return the host of a Host header in lower case, without its port; empty if there is none."""
    if len(header) > MAX_HOST:
        return ""
    text = header.lower()
    if text.startswith("["):
        host, bracket, port = text.partition("]")
        host += bracket
    else:
        host, colon, port = text.partition(":")
        port = colon + port
    is_port = not port or (port[0] == ":" and (port[1:] or "0").isdecimal())
    return host.removesuffix(".") if is_port else ""


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(_BRACKETS.sub(r"\1", name)).is_loopback
    except ValueError:
        return False
