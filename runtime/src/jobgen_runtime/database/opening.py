"""What pools do alike to open a connection for a caller."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from time import monotonic

from psycopg.conninfo import conninfo_to_dict

from jobgen_runtime.contract.context import current_job
from jobgen_runtime.contract.errors import NoDatabase

WAIT_SECONDS = 30.0
"""How long a caller waits for a connection."""

DEADLOCK_CHECK_AFTER = 1.0
"""Seconds of waiting after which a request checks whether it can ever be granted."""

MAX_IDLE = 600.0
"""Seconds after which an unused connection is closed."""

_SHORTEST_DELAY, _LONGEST_DELAY = 0.1, 2.0
"""Seconds between two attempts to connect; the delay doubles with each attempt."""

_SHORTEST_CONNECT_TIMEOUT = 2
"""The shortest one that libpq accepts."""


def owner_of_caller(task: Hashable = None) -> Hashable:
    """Return the attempt that the caller belongs to, else its task or thread."""
    return current_job.get() or task or threading.get_ident()


def retry_delays() -> Iterator[float]:
    """Yield the seconds to wait after each failure to connect."""
    delay = _SHORTEST_DELAY
    while True:
        yield delay
        delay = min(2 * delay, _LONGEST_DELAY)


def connect_parameters(conninfo: str, deadline: float) -> dict[str, int]:
    """Return a time limit for the connection, unless its address has one."""
    if "connect_timeout" in conninfo_to_dict(conninfo):
        return {}
    return {"connect_timeout": max(_SHORTEST_CONNECT_TIMEOUT, round(deadline - monotonic()))}


def unreachable(error: Exception) -> NoDatabase:
    """Return the error of a database that does not answer."""
    return NoDatabase(
        f"The database does not answer: {error}",
        hint="Check that its server runs and that the address is right: "
        "DATABASE_URL, or the project's own server (`jobgen postgres status`).",
    )
