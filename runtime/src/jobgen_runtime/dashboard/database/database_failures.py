"""The pages for errors of the database. Addresses, roles and tracebacks are only logged."""

from __future__ import annotations

import logging

import psycopg
from psycopg import errors

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.dashboard.database.connections import PAGE_SECONDS
from jobgen_runtime.dashboard.database.refused_statements import TABLE_CHANGED, shown_reason
from jobgen_runtime.dashboard.web.parameters import RequestRefused
from jobgen_runtime.database.pool_errors import NoFreeConnection
from jobgen_runtime.database.server_errors import is_raised_by_user_code

log = logging.getLogger("jobgen.dashboard")

DATABASE_FAILURES = (psycopg.Error, NoDatabase, NoFreeConnection, TimeoutError)

UNREACHABLE = (
    "The database could not be reached. Reload the page in a moment. If it stays away, the "
    "application's log says why."
)
BUSY = (
    "No connection of the dashboard to the database was free. Reload the page in a moment. If it "
    "stays so, the application's log says why."
)
TOO_SLOW = "The database took too long, so nothing is shown and nothing was changed."
LOCKED = (
    "Another transaction has locked this job or its table, as a migration does. Nothing was "
    "changed. Try again in a moment."
)
FORBIDDEN = "The dashboard's database role does not have permission to do this."
CHANGED = "The table was changed while it was read. Reload the page."


def database_failure(error: Exception) -> RequestRefused:
    """Return the page for one of DATABASE_FAILURES, and log what is not the request's own fault."""
    match error:
        case psycopg.Error():
            return _statement_failure(error)
        case NoFreeConnection() if error.__cause__ is None:
            log.warning("no connection of the dashboard was free: %s", error.message)
            return RequestRefused(503, BUSY)
        case TimeoutError():
            log.warning("a page of the dashboard took longer than %g s", PAGE_SECONDS)
            return RequestRefused(503, TOO_SLOW)
        case _:
            log.error("the dashboard has no database: %s", error)
            return RequestRefused(503, UNREACHABLE)


def _statement_failure(error: psycopg.Error) -> RequestRefused:
    if isinstance(error, errors.LockNotAvailable):
        return RequestRefused(503, LOCKED)
    if not is_raised_by_user_code(error):
        if isinstance(error, errors.InsufficientPrivilege):
            return RequestRefused(403, FORBIDDEN)
        if isinstance(error, errors.QueryCanceled):
            log.warning("a statement of the dashboard took longer than %g s", PAGE_SECONDS)
            return RequestRefused(503, TOO_SLOW)
        if isinstance(error, TABLE_CHANGED):
            log.error("a job table changed while the dashboard read it", exc_info=error)
            return RequestRefused(409, CHANGED)
        if isinstance(error, psycopg.OperationalError):
            log.error("the dashboard's database failed", exc_info=error)
            return RequestRefused(503, UNREACHABLE)
    log.error("the database refused a statement of the dashboard", exc_info=error)
    return RequestRefused(409, f"The database refuses this: {shown_reason(error)}")
