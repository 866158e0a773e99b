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
    names = list(read_values(values))
    taken = [name for name in names if name in JOB_COLUMNS]
    if taken:
        raise JobgenRuntimeError(f"values has {taken[0]}, which the runtime fills.")
    into = (sql.SQL(", {}").format(quote_name(name)) for name in names)
    given = (sql.SQL(", given.{}").format(quote_name(name)) for name in names)
    query = compose(
        table, "insert_scheduled", into=sql.Composed(list(into)), given=sql.Composed(list(given))
    )
    return Statement(query, {"values": values, "run_at": run_at}, own_types=True)


def read_values(text: str) -> dict[str, object]:
    """Return the values of a schedule, by column.

    Raises:
        JobgenRuntimeError: The text is not a JSON object.
    """
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise JobgenRuntimeError(
            f"values must be a JSON object by column, not {text[:60]!r}.",
            hint="""Write, for example, '{"band": 7, "note": "nightly"}'.""",
        )
    return values


def check_values(table: Table, text: str) -> None:
    """Check the values of a schedule against the columns that the job's record has.

    Raises:
        JobgenRuntimeError: The text is not a JSON object, names a column that the table does not
            have or that the runtime fills, or lacks one that has no default.
    """
    values = read_values(text)
    own = [column for column in table.columns if column not in JOB_COLUMNS]
    for name in values:
        if name not in own:
            raise JobgenRuntimeError(
                f"values has {name!r}, which is not one of the columns of {table.qualified_name} "
                "that a schedule can fill.",
                hint=f"These are {', '.join(own)}." if own else "It has none.",
            )
    missing = [column for column in table.required if column not in values]
    if missing:
        raise JobgenRuntimeError(
            f"values must have {' and '.join(missing)}: {table.qualified_name} has no default for "
            "it."
        )
