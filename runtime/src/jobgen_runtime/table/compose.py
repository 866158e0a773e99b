"""Fill a job table's names into the statements of `sql/`."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.priority import ABOVE_ALL_PRIORITIES
from jobgen_runtime.sql import read
from jobgen_runtime.table.quoting import quote_name, quote_text
from jobgen_runtime.table.table import Table

_CLAIMED = {
    "updated_at": (
        "CASE WHEN id = (SELECT id FROM claimed"
        " WHERE locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL"
        " LIMIT 1) THEN NOW() END AS {}"
    ),
    "status": "NULL AS {}",
    "locked_by": "NULL AS {}",
    "locked_at": "NULLIF(locked_at, NOW()) AS {}",
}
"""How a claim returns the columns that it sets to the same value in all its rows."""

NOT_REFUSED = sql.SQL("AND id <> ALL (%(refused)s::UUID[])")
"""A condition for the placeholder `not_refused`, which is empty otherwise: a kind without refused
jobs pays nothing for it."""

_BYTES = (
    "CASE WHEN {0} IS NULL THEN 0"
    " WHEN PG_TYPEOF({0}) = 'TEXT'::REGTYPE THEN OCTET_LENGTH({0}::TEXT)"
    " ELSE PG_COLUMN_SIZE({0}) END"
)
"""Neither function reads a value from outside of its row."""

_PARTS = (
    "changed_ids",
    "first_due_by_priority",
    "delete_attempts",
    "first_in_strict_order",
    "has_expired",
    "lock_due_strict",
    "lock_job",
    "measure_waiting",
    "notify_waiters",
    "waiting_levels",
)
"""Statements that others contain: `{lock_job}` stands for the text of `sql/lock_job.sql`."""

_BY_PRIORITY = frozenset({"claim", "claim_suspects", "lock_due", "measure_waiting", "suspects"})
"""Statements that have another form for a table with priorities: `sql/<name>_by_priority.sql`."""


def compose(table: Table, name: str, **more: sql.Composable) -> sql.Composed:
    """Return the statement `sql/<name>.sql` for a job table.

    It must be run with parameters, an empty dictionary if it has none: names with a percent sign
    are quoted for that.

    `more` fills the placeholders that only this statement has, `not_refused` if there are refused
    jobs, `may_be_large` if rows are known to be small, `after_priority` for a claim that resumes
    in a level of priority, and `held_job`, `more_columns` and `more_parts` for what is written
    together with the end of an attempt: see `queue/endings.py`.
    """
    if table.has_priority and name in _BY_PRIORITY:
        name += "_by_priority"
    text = read(name)
    names: dict[str, sql.Composable] = {
        "not_refused": sql.SQL(""),
        "may_be_large": sql.SQL("TRUE"),
        "after_priority": sql.Literal(ABOVE_ALL_PRIORITIES),
        "held_job": sql.SQL(""),
        "more_columns": sql.SQL(""),
        "more_parts": sql.SQL(""),
        **more,
    }
    names |= {part: compose(table, part, **more) for part in _PARTS if f"{{{part}}}" in text}
    return sql.SQL(text).format(
        table=table.quoted_name,
        regclass=quote_text(table.sql_name),
        columns=table.quoted_columns,
        claimed_columns=_claimed_columns(table),
        value_bytes=_value_bytes(table),
        job_attempts=sql.Identifier("job_attempts"),
        job_cancellations=sql.Identifier("job_cancellations"),
        job_pauses=sql.Identifier("job_pauses"),
        job_refusals=sql.Identifier("job_refusals"),
        job_schedules=sql.Identifier("job_schedules"),
        job_status=sql.Identifier("job_status"),
        job_workers=sql.Identifier("job_workers"),
        **names,
    )


def _claimed_columns(table: Table) -> sql.Composed:
    """Return the columns of the rows in `claimed`, in the table's order.

    A column that the claim sets to one value in all rows is NULL, so that the value is not sent and
    parsed once for each row. Only the time of the claim, which the worker does not know, is sent,
    as `updated_at` of one row. `locked_at` is sent where a trigger has changed it.
    """
    return sql.SQL(", ").join(
        sql.SQL(_CLAIMED.get(column, "{}")).format(quote_name(column)) for column in table.columns
    )


def _value_bytes(table: Table) -> sql.Composed:
    """Return the bytes of a row's values.

    A text counts with its length, a value of another type as it is stored, perhaps compressed. The
    columns that every job has are of a fixed size, except for the last error.
    """
    columns = [name for name in table.columns if name == "last_error" or name not in JOB_COLUMNS]
    sizes = (sql.SQL(_BYTES).format(quote_name(name)) for name in columns)
    return sql.SQL(" + ").join([sql.SQL("0"), *sizes])
