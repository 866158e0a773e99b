"""Tell a server that rejects a connection from one that cannot be reached, and say so."""

from __future__ import annotations

import re

from psycopg import Error

from jobgen_runtime.contract.errors import NoDatabase

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


def connection_failure(error: Exception) -> NoDatabase:
    """Return the error of a database that rejects a connection, or does not answer."""
    if is_rejection(error):
        return NoDatabase(
            f"The database rejects the connection: {failure_reason(error)}",
            hint="Check the address (DATABASE_URL, or the project's own server: "
            "`jobgen postgres status`), and that the database and the role exist.",
        )
    return NoDatabase(
        f"The database does not answer: {str(error).strip() or type(error).__name__}",
        hint="Check that its server runs and that the address is right: "
        "DATABASE_URL, or the project's own server (`jobgen postgres status`).",
    )


def failure_reason(error: BaseException) -> str:
    """Return the first line of a connection's error."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
