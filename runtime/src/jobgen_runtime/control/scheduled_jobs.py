"""The statement that inserts the job of a schedule."""

from __future__ import annotations

import json
from datetime import datetime

from psycopg import sql

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.database import Statement
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.table import Table, compose, quote_name


def insert_statement(table: Table, values: str, run_at: datetime | None) -> Statement:
    """Return the statement that inserts a schedule's job and returns its id.

    Args:
        table: The job table.
        values: The values of its columns, a JSON object.
        run_at: When the job is due; None: now.

    Raises:
        JobgenRuntimeError: The values are for a column that the runtime fills.
    """
    names = list(json.loads(values))
    taken = [name for name in names if name in JOB_COLUMNS]
    if taken:
        raise JobgenRuntimeError(f"values has {taken[0]}, which the runtime fills.")
    into = (sql.SQL(", {}").format(quote_name(name)) for name in names)
    given = (sql.SQL(", given.{}").format(quote_name(name)) for name in names)
    query = compose(
        table, "insert_scheduled", into=sql.Composed(list(into)), given=sql.Composed(list(given))
    )
    return Statement(query, {"values": values, "run_at": run_at}, own_types=True)
