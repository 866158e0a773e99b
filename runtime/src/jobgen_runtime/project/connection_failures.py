"""Explain that a database rejects a connection, or that it does not answer."""

from __future__ import annotations

import re

# The driver gives no SQLSTATE for these errors. Other messages, and those of a server that speaks
# another language, count as temporary: it starts, shuts down, recovers, or has no connection left.
_REJECTION = re.compile(
    r"authentication failed|no password supplied|(?:role|database) .* does not exist"
    r"|conversion between \S+ and \S+ is not supported"
    r"|no pg_hba\.conf entry|not permitted to log in|permission denied for database"
    # Settings in the address or PGOPTIONS.
    r"|unrecognized configuration parameter|invalid value for parameter"
    r"|permission denied to set parameter|parameter \S+ cannot be (?:changed|set)"
    # From libpq: PGSERVICE, PGREQUIREAUTH, PGSSLMODE.
    r"|definition of service \S+ not found|service file \S+ not found"
    r"|authentication method requirement \S+ failed|server does not support SSL"
    # From PgBouncer.
    r"|no such (?:user|database)"
)

_REJECTED_HINT = (
    "Check the address (DATABASE_URL, or the project's own server: `jobgen postgres status`), "
    "the environment's PGSERVICE, PGOPTIONS and the like, and that the database and the role exist."
)
_SILENT_HINT = (
    "Check that its server runs and that the address is right: DATABASE_URL, or the project's "
    "own server (`jobgen postgres status`)."
)


def is_rejection_message(message: str) -> bool:
    """Return whether the next attempt to connect would fail too, as with a wrong password."""
    return _REJECTION.search(message) is not None


def describe_connection_failure(message: str, *, is_rejection: bool) -> tuple[str, str]:
    """Return what is wrong and what to do about it.

    Args:
        message: The driver's message, not empty.
        is_rejection: Whether the server has answered, and rejects the connection.
    """
    if is_rejection:
        return f"The database rejects the connection: {message.splitlines()[0]}", _REJECTED_HINT
    return f"The database does not answer: {message}", _SILENT_HINT
