"""Insert the job that a form describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.changes.form_errors import conversion_errors
from jobgen_runtime.dashboard.components.choices import FIND_PREFIX, key_of
from jobgen_runtime.dashboard.components.references import find_references
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.table import quote_name

SCHEDULE = "run_at"
REQUIRED = "A value is required."
NOT_CHOSEN = "Choose one of the rows that were found, or empty the search."


class InvalidForm(Exception):
    """A form that cannot be inserted.

    Args:
        messages: The reasons, each a sentence: `InvalidForm("The band is on tour.")`.
        fields: The reasons that are about one field, by its column:
            `InvalidForm(band_id="Not this one.")`.
    """

    def __init__(self, /, *messages: str, **fields: str) -> None:
        super().__init__(" ".join([*messages, *fields.values()]))
        self.messages = messages
        self.fields = fields


def given_values(table: JobTable, form: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that the form fills in."""
    names = [column.name for column in table.own_columns if column.writable] + [SCHEDULE]
    # Browsers send each end of a line as CR LF.
    return {name: form[name].replace("\r\n", "\n") for name in names if form.get(name)}


async def insert_job(conn: AsyncConnection[Any], table: JobTable, form: Mapping[str, str]) -> UUID:
    """Insert a job and return its id. Values are sent as text, and converted by the database.

    Raises:
        InvalidForm: A required column is empty, a value does not fit its column's type, or a
            trigger suppressed the row.
        psycopg.Error: The database rejected the values.
    """
    values = given_values(table, form)
    found, problems = await _found_keys(conn, table, form, values)
    values |= found
    problems |= {
        column.name: REQUIRED
        for column in table.own_columns
        if column.writable and column.required and column.name not in {*values, *problems}
    }
    problems |= await conversion_errors(conn, table, values)
    if problems:
        raise InvalidForm(**problems)
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


async def _found_keys(
    conn: AsyncConnection[Any],
    table: JobTable,
    form: Mapping[str, str],
    values: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the keys that were typed into a search instead of chosen, and the columns without one.

    What else was searched for, is not taken for a choice, even if only one row was found.
    """
    sought = {
        column.name: form[FIND_PREFIX + column.name]
        for column in table.own_columns
        if column.writable
        and column.name not in values
        and form.get(FIND_PREFIX + column.name, "").strip()
    }
    if not sought:
        return {}, {}
    references = await find_references(conn, table)
    keys = {
        name: await key_of(conn, references[name], text)
        for name, text in sought.items()
        if name in references
    }
    return (
        {name: key for name, key in keys.items() if key is not None},
        {name: NOT_CHOSEN for name, key in keys.items() if key is None},
    )
