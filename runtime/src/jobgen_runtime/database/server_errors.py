"""Why the database refused a statement, in its own words."""

from __future__ import annotations

from psycopg import Error


def server_reason(error: Error) -> str:
    """Return the database's message and detail in one line, without the statement."""
    lines = str(error).strip().splitlines()
    message = error.diag.message_primary or (lines[0] if lines else type(error).__name__)
    detail = error.diag.message_detail
    return " ".join((f"{message} ({detail})" if detail else message).split())


def is_raised_by_user_code(error: Error) -> bool:
    """Return whether a function of the database raised the error, as a trigger does.

    Its SQLSTATE then says nothing about the runtime's own statement.
    """
    return error.diag.context is not None
