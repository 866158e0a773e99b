"""Insert the job that a form describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.table import quote_name

SCHEDULE = "run_at"


class InvalidForm(Exception):
    """A form that cannot be inserted; `messages` are the reasons, each a sentence."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


def given_values(table: JobTable, form: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that the form fills in.

    Raises:
        InvalidForm: A required column is empty.
    """
    writable = [column for column in table.own_columns if column.writable]
    missing = [column.label for column in writable if column.required and not form.get(column.name)]
    if missing:
        raise InvalidForm(*(f"{label} is required." for label in missing))
    names = [column.name for column in writable] + [SCHEDULE]
    # Browsers send each end of a line as CR LF.
    return {name: form[name].replace("\r\n", "\n") for name in names if form.get(name)}


async def insert_job(conn: AsyncConnection[Any], table: JobTable, form: Mapping[str, str]) -> UUID:
    """Insert a job and return its id. Values are sent as text, and converted by the database.

    Raises:
        InvalidForm: A required column is empty, or a trigger suppressed the row.
        psycopg.Error: The database rejected the values.
    """
    values = given_values(table, form)
    if values:
        query = statement("insert_row").format(
            table=table.identifier,
            columns=sql.SQL(", ").join(map(quote_name, values)),
            values=sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
    else:
        query = statement("insert_default_row").format(table=table.identifier)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, list(values.values()))
        row = await cursor.fetchone()
    if row is None or not isinstance(row[0], UUID):
        raise InvalidForm("A trigger of the table suppressed the new job.")
    return row[0]
