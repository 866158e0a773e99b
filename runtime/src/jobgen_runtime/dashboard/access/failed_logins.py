"""Slow down whoever guesses passwords, without holding up others."""

from __future__ import annotations

import ipaddress
import logging
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

log = logging.getLogger("jobgen.dashboard")

FREE_FAILURES = 20
"""How many logins of a client may fail at once, by mistake or by a page's several requests."""

SECONDS_PER_FAILURE = 1.0
"""How often another one may fail after that."""

MAX_CLIENTS = 10_000


class FailedLogins:
    """Count the failed logins of each client; a client that has used up its own must wait.

    While it waits, its credentials are not looked at, so that it learns nothing by guessing on.
    Other clients are not affected. Nothing sleeps, so guesses cost the application no memory.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        # For each client, when all its failures are forgiven: each failure puts that off.
        self._forgiven: OrderedDict[str, float] = OrderedDict()

    def seconds_to_wait(self, client: str | None) -> float:
        """Return after how many seconds a login of this client is looked at; 0 for now.

        Args:
            client: The client's IP address; None if the server does not know it.
        """
        debt = self._forgiven.get(_key(client), 0.0) - self._clock()
        return max(debt - (FREE_FAILURES - 1) * SECONDS_PER_FAILURE, 0.0)

    def add(self, client: str | None) -> None:
        """Count and log a login that has failed."""
        key, now = _key(client), self._clock()
        self._forgiven[key] = max(self._forgiven.pop(key, now), now) + SECONDS_PER_FAILURE
        while len(self._forgiven) > MAX_CLIENTS:
            self._forgiven.popitem(last=False)
        log.warning("a login to the dashboard failed, client %s", client or "unknown")
        if self.seconds_to_wait(client):
            log.warning(
                "client %s has failed too often: its logins are refused for a while",
                client or "unknown",
            )


def _key(client: str | None) -> str:
    """Return what counts as one client: an IPv4 address, or the network of an IPv6 address."""
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return client or ""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
