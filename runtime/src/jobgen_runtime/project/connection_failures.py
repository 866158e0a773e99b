"""Explain that a database rejects a connection, does not answer, or has no valid address."""

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


_WRONG_OPTION = re.compile(r'invalid (?:connection option|URI query parameter):? "[a-z_]{1,40}"')
_OTHER_DATABASE = re.compile(r'missing "=" after "(?!postgres(?:ql)?:)([a-z0-9+]{1,30})://')


def describe_invalid_address(reason: str) -> tuple[str, str]:
    """Return that libpq cannot read an address, without what may be a password, and what to do.

    Args:
        reason: The driver's message, which quotes the address.
    """
    other = _OTHER_DATABASE.match(reason)
    why = f"it begins with {other[1]}://, and jobgen needs PostgreSQL" if other else ""
    return (
        f"The database's address is invalid: {why or _without_secrets(reason.strip())}.",
        "Use postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or a libpq connection string.",
    )


def _without_secrets(reason: str) -> str:
    """Return libpq's reason without what it quotes of the address, which may be the password."""
    option = _WRONG_OPTION.match(reason)
    if option is not None:
        return option.group()
    start, quote, _ = reason.replace('"="', "=").partition('"')
    return f"{start.rstrip(' :')} …" if quote else reason
