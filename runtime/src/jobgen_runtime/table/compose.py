"""Fill a job table's names into the statements of `sql/`."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.sql import read
from jobgen_runtime.table.table import Table

_CLAIMED = {
    "updated_at": "NULL AS {}",
    "status": "NULL AS {}",
    "locked_by": "NULL AS {}",
    "locked_at": "CASE WHEN id = (SELECT id FROM claimed LIMIT 1) THEN locked_at END AS {}",
}
"""How a claim returns the columns that it sets to the same value in all its rows."""


def compose(table: Table, name: str, **more: sql.Composable) -> sql.Composed:
    """Return the statement `sql/<name>.sql` for a job table.

    `more` fills the placeholders that only this statement has.
    """
    return sql.SQL(read(name)).format(
        table=table.identifier,
        regclass=sql.Literal(table.sql_name),
        columns=table.column_list,
        claimed_columns=_claimed_columns(table),
        job_cancellations=sql.Identifier("job_cancellations"),
        job_pauses=sql.Identifier("job_pauses"),
        job_refusals=sql.Identifier("job_refusals"),
        job_status=sql.Identifier("job_status"),
        job_workers=sql.Identifier("job_workers"),
        **more,
    )


def _claimed_columns(table: Table) -> sql.Composed:
    """Return the columns of the rows in `claimed`, in the table's order.

    A column that the claim sets to one value in all rows is NULL, so that the value is not sent and
    parsed once for each row. Only `locked_at`, which the worker does not know, is sent: in one row.
    """
    return sql.SQL(", ").join(
        sql.SQL(_CLAIMED.get(column, "{}")).format(sql.Identifier(column))
        for column in table.columns
    )
