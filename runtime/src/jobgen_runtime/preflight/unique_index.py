"""Find the job tables without the unique index that Types.py has."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Error, sql
from psycopg.errors import InvalidColumnReference

from jobgen_runtime.preflight.fixes import create_unique_index
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.project import migrate_command
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table


async def find_missing_unique_index(
    conn: AsyncConnection[Any], table: Table, *, is_partitioned: bool
) -> list[Problem]:
    """Return a problem if no job of a unique kind can be created.

    A kind that is not unique costs no statement.
    """
    index = table.unique_index
    if index is None:
        return []
    statement = sql.SQL(read("explain_insert")).format(
        table=table.identifier, on_conflict=sql.SQL(index.on_conflict.decode())
    )
    try:
        await conn.execute(statement)
    except InvalidColumnReference:
        return [
            Problem(
                f"{table.qualified_name} has no valid unique index on"
                f" ({', '.join(index.columns)}), so create() of such jobs fails.",
                is_fatal=False,
                hint=f"Run `{migrate_command()}`, which adds it. Finish or delete duplicates "
                "first.",
                statements=(create_unique_index(table, index, is_partitioned=is_partitioned),),
            )
        ]
    except Error:
        if conn.closed:
            raise
        # The worker's role may be without the right to insert, which it does not need.
    return []
