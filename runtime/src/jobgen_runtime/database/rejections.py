"""Tell a server that rejects a connection from one that cannot be reached."""

from __future__ import annotations

import re

from psycopg import Error

# The driver gives no SQLSTATE for these errors. Other messages, and those of a server that speaks
# another language, count as temporary: it starts, shuts down, recovers, or has no connection left.
_REJECTION = re.compile(
    r"authentication failed|no password supplied|(?:role|database) .* does not exist"
    r"|conversion between \S+ and \S+ is not supported"
    r"|no pg_hba\.conf entry|not permitted to log in|permission denied for database"
    # From PgBouncer.
    r"|no such (?:user|database)"
)


def is_rejection(error: Exception) -> bool:
    """Return whether the next attempt to connect would fail too, as with a wrong password."""
    if not isinstance(error, Error):
        return False
    needs_password = error.pgconn is not None and error.pgconn.needs_password
    return needs_password or _REJECTION.search(str(error)) is not None
