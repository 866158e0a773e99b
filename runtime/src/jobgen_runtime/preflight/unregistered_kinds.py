"""Find job tables with waiting jobs that nothing runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.control import REGISTER, fetch_unregistered_kinds
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.table import Table


async def find_unregistered_kinds(
    conn: AsyncConnection[Any], registered: Sequence[Table]
) -> list[Problem]:
    """Return a problem for each job table with waiting jobs that no class and no live worker has.

    Args:
        conn: The worker's connection.
        registered: The tables of all job classes of the project; at least one.
    """
    try:
        found = await fetch_unregistered_kinds(conn, registered)
    except Error:
        # A table may be locked.
        if conn.closed:
            raise
        return []
    return [Problem(kind.problem, is_fatal=False, hint=REGISTER) for kind in found]
