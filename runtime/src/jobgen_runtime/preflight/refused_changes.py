"""Find the job tables in which the database refuses every change."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.table import Table, compose


async def find_refused_changes(
    conn: AsyncConnection[Any], table: Table, kind: str
) -> list[Problem]:
    """Return a problem if no job of the table can start, whatever its row.

    The reason may be a rule on UPDATE, a publication of a table without a replica identity, or a
    view that cannot be updated.
    """
    try:
        await conn.execute(compose(table, "explain_change"), {})
    except LockNotAvailable:
        return []  # Reported separately.
    except Error as error:
        if conn.closed:
            raise
        return [
            Problem(
                f"{kind}: the database lets no job of {table.qualified_name} start: "
                f"{server_reason(error)}.",
                is_fatal=False,
                hint="Change the table, or what refuses its changes. Workers try again from time "
                "to time.",
            )
        ]
    return []
