"""Find the name of a row that a job references, such as the customer's."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.job_view import JobView
from jobgen_runtime.table import quote_name


async def reference_names(
    conn: AsyncConnection[Any], table: JobTable, job: JobView
) -> dict[str, str]:
    """Return the names of the rows that a job references, by its columns.

    A column is missing if it references nothing, or a row without a name that can be read.
    """
    names = {}
    for column, value in job.own:
        if column.references is not None and isinstance(value, str):
            name = await _name(conn, table, column.name, value)
            if name:
                names[column.name] = name
    return names


async def _name(conn: AsyncConnection[Any], table: JobTable, column: str, value: str) -> str | None:
    try:
        async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                statement("reference_name"), {"table": table.regclass, "column": column}
            )
            found = await cursor.fetchone()
            if found is None:
                return None
            schema, referenced, key, label = found
            query = statement("read_name").format(
                name=quote_name(label), table=quote_name(schema, referenced), key=quote_name(key)
            )
            await cursor.execute(query, {"value": value})
            row = await cursor.fetchone()
    except Error:
        if conn.closed:
            raise
        # A name is a nicety: without it, the page shows the id.
        return None
    return None if row is None else row[0]
