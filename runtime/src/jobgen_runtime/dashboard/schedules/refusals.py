"""What the database refuses to change about schedules, as pages say it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Error
from psycopg.errors import InsufficientPrivilege

from jobgen_runtime.contract.errors import JobgenRuntimeError, UnknownName
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.refused_statements import shown_reason
from jobgen_runtime.dashboard.web.parameters import RequestRefused

FORBIDDEN = "The dashboard's database role may not change the table job_schedules."


@contextmanager
def refusals(table: JobTable) -> Iterator[None]:
    """Turn what the database refuses about a table's schedules into a page that says why.

    Raises:
        RequestRefused: There is no such schedule (404), the role may not change it (403), or the
            database refuses the change (409).
    """
    try:
        yield
    except InsufficientPrivilege as error:
        raise RequestRefused(403, FORBIDDEN) from error
    except UnknownName as error:
        raise RequestRefused(404, "There is no such schedule.") from error
    except JobgenRuntimeError as error:
        raise RequestRefused(409, table.redact(str(error))) from error
    except Error as error:
        if error.sqlstate is None:
            raise
        raise RequestRefused(409, f"The database refused: {shown_reason(error, table)}") from error
