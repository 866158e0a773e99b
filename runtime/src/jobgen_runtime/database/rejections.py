"""Tell a server that rejects a connection from one that cannot be reached, and say so."""

from __future__ import annotations

from psycopg import Error

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.project import describe_connection_failure, is_rejection_message


def is_rejection(error: Exception) -> bool:
    """Return whether the next attempt to connect would fail too, as with a wrong password."""
    if not isinstance(error, Error):
        return False
    needs_password = error.pgconn is not None and error.pgconn.needs_password
    return needs_password or is_rejection_message(str(error))


def connection_failure(error: Exception) -> NoDatabase:
    """Return the error of a database that rejects a connection, or does not answer."""
    message, hint = describe_connection_failure(
        str(error).strip() or type(error).__name__, is_rejection=is_rejection(error)
    )
    return NoDatabase(message, hint=hint)


def failure_reason(error: BaseException) -> str:
    """Return the first line of a connection's error."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
