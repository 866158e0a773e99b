"""Find the fields of a form that the database does not accept, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection, Error, errors

from jobgen_runtime.dashboard.components.references import optional
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.refused_statements import MAX_REASON, shown_reason
from jobgen_runtime.dashboard.database.statements import statement

FIRST_VERSION = 160000
"""PostgreSQL's first version that checks a value without raising an error."""


async def conversion_errors(
    conn: AsyncConnection[Any], table: JobTable, values: Mapping[str, str]
) -> dict[str, str]:
    """Return why values cannot be converted to the types of their columns, by column.

    Before PostgreSQL 16 it returns nothing: the INSERT fails then, without saying where.
    """
    if conn.info.server_version < FIRST_VERSION:
        return {}
    types = {column.name: column.type for column in table.columns}
    async with optional(conn) as cursor:
        await cursor.execute(
            statement("check_values"),
            {
                "names": [*values],
                "values": [*values.values()],
                "types": [types[name] for name in values],
            },
        )
        return {
            name: (f"{message} ({detail})" if detail else message)[:MAX_REASON]
            for name, message, detail in await cursor.fetchall()
        }
    return {}


async def errors_by_field(
    conn: AsyncConnection[Any], table: JobTable, error: Error
) -> dict[str, str]:
    """Return the columns that an error of the database is about, each with the reason.

    Empty if it does not say which, or if they are not columns that a form fills in.
    """
    diag = error.diag
    if diag.table_name and (diag.schema_name, diag.table_name) != (table.schema, table.name):
        return {}
    reason, columns = shown_reason(error, table), [diag.column_name]
    if not diag.column_name and diag.constraint_name:
        async with optional(conn) as cursor:
            await cursor.execute(
                statement("constraint_columns"),
                {"table": table.regclass, "constraint": diag.constraint_name},
            )
            found = await cursor.fetchall()
            columns = [name for name, _ in found]
            if isinstance(error, errors.CheckViolation) and found and found[0][1]:
                reason = f"{reason}: {found[0][1]}"
    fillable = [column.name for column in table.own_columns if column.writable] + ["run_at"]
    return {name: reason for name in fillable if name in columns}
