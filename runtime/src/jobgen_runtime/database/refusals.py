"""A server that answers and turns a connection away is not a server that is away."""

from __future__ import annotations

import re

from psycopg import Error

# The driver gives no SQLSTATE for these. A server that speaks another language is waited for, as
# is one that starts, ends, recovers, or has no connection left.
_REFUSAL = re.compile(
    r"authentication failed|no password supplied|(?:role|database) .* does not exist"
    r"|no pg_hba\.conf entry|not permitted to log in|permission denied for database"
    # PgBouncer's.
    r"|no such (?:user|database)"
)


def is_refusal(error: Exception) -> bool:
    """Whether the next attempt to connect would fail like this one: a wrong password, say."""
    if not isinstance(error, Error):
        return False
    needs_password = error.pgconn is not None and error.pgconn.needs_password
    return needs_password or _REFUSAL.search(str(error)) is not None
