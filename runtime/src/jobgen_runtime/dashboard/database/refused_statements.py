"""Tell a statement that the database refuses from a database that does not answer."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Error, OperationalError, errors

from jobgen_runtime.dashboard.access.redaction import redact_secrets
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.database.server_errors import is_raised_by_user_code, server_reason

TABLE_CHANGED = (errors.UndefinedTable, errors.UndefinedColumn, errors.FeatureNotSupported)
"""The errors of a table that was changed since its columns were read."""

WITH_WHOLE_ROW = (errors.CheckViolation, errors.NotNullViolation, errors.WithCheckOptionViolation)
"""The errors whose detail is the row that was to be written."""

MAX_REASON = 1_000
"""Characters of a reason. PostgreSQL quotes a value that it cannot read, which may be long."""


LOCKED = "another transaction has locked it, as a migration does"
SLOW = "it takes too long"


def is_statement_error(conn: AsyncConnection[Any], error: Error) -> bool:
    """Return whether the database refused the statement for a reason of the statement itself.

    False if the database is away or too slow, if the role does not have a right, or if the table
    was changed meanwhile. A trigger may raise an error with any of these codes, which then say
    nothing about the database.
    """
    # The context of a lock's error is the row, not a trigger.
    if conn.closed or isinstance(error, errors.LockNotAvailable):
        return False
    if is_raised_by_user_code(error):
        return True
    return not isinstance(error, (OperationalError, errors.InsufficientPrivilege, *TABLE_CHANGED))


def shown_reason(error: Error, table: JobTable | None = None) -> str:
    """Return why the database refused a statement, for a page: mostly in the database's own words.

    A row that violates a CHECK or NOT NULL is not repeated: it has every column's value.

    Args:
        error: The error.
        table: The table that the statement was about, whose redacted columns are not shown; None
            if it was about none.
    """
    if isinstance(error, errors.LockNotAvailable):
        return LOCKED
    if isinstance(error, errors.QueryCanceled) and not is_raised_by_user_code(error):
        return SLOW
    reason = server_reason(error)
    if isinstance(error, WITH_WHOLE_ROW) and not is_raised_by_user_code(error):
        reason = error.diag.message_primary or reason
    shown = reason if len(reason) <= MAX_REASON else f"{reason[:MAX_REASON]}…"
    return redact_secrets(shown) if table is None else table.redact(shown)


async def check_constraints(conn: AsyncConnection[Any]) -> None:
    """Check deferred constraints now: at the commit it is too late for a page that says why.

    Raises:
        psycopg.Error: One of them is violated.
    """
    await conn.execute(statement("check_constraints"))
