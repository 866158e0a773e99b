"""Read a selection with the jobs that failed for the cause that it names."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors.failures import (
    READ_SECONDS,
    CauseCache,
    find_causes,
    list_failures,
)
from jobgen_runtime.dashboard.lists.selection import Selection, read_selection
from jobgen_runtime.dashboard.web.parameters import Parameters


async def find_selection(
    conn: AsyncConnection[Any], table: JobTable, parameters: Parameters, causes: CauseCache
) -> Selection:
    """Return which rows the address of a list asks for, those of a cause found.

    Raises:
        RequestRefused: A parameter is unknown or invalid (400).
    """
    selection = read_selection(parameters, table)
    error = selection.error
    if error is None:
        return selection
    listed = (await list_failures(conn, [table], retrying=error.retrying))[table]
    deadline = monotonic() + READ_SECONDS
    failures = await find_causes(conn, table, listed, causes, deadline=deadline)
    found = [each for each in failures.rows if each.cause.fingerprint == error.fingerprint]
    filled = replace(
        error,
        jobs=tuple(each.id for each in found),
        cause=found[0].cause if found else None,
        is_cut=failures.is_cut,
    )
    return replace(selection, error=filled)
