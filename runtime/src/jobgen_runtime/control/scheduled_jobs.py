"""The statement that inserts jobs of schedules, and the check of their values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import sql

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.database import Statement
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.table import Table, compose, quote_name

SKIPPED = "Skipped: "
"""The beginning of a schedule's `last_error` if a unique index held back its job: no fault."""


def insert_statement(
    table: Table, values: Sequence[str], run_at: Sequence[datetime | None]
) -> Statement:
    """Return the statement that inserts jobs of schedules and returns their ids, in order.

    Args:
        table: The job table.
        values: The values of each job, a JSON object; all are for the same columns.
        run_at: When each job is due; None: now.

    Raises:
        JobgenRuntimeError: The values are for a column that the runtime fills.
    """
    names = value_columns(values[0])
    taken = [name for name in names if name in JOB_COLUMNS]
    if taken:
        raise JobgenRuntimeError(f"values has {taken[0]}, which the runtime fills.")
    into = (sql.SQL(", {}").format(quote_name(name)) for name in names)
    given = (sql.SQL(", given.{}").format(quote_name(name)) for name in names)
    query = compose(
        table, "insert_scheduled", into=sql.Composed(list(into)), given=sql.Composed(list(given))
    )
    parameters = {"values": list(values), "run_at": list(run_at)}
    return Statement(query, parameters, own_types=True)


def value_columns(values: str) -> tuple[str, ...]:
    """Return the columns that a schedule has values for, sorted."""
    return tuple(sorted(read_values(values)))


def read_values(text: str) -> dict[str, object]:
    """Return the values of a schedule, by column.

    Raises:
        JobgenRuntimeError: The text is not a JSON object.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise JobgenRuntimeError(
            f"values must be a JSON object by column, not {text[:60]!r}.",
            hint="""Write, for example, '{"band": 7, "note": "nightly"}'.""",
        )
    return values


def with_values(text: str, more: Mapping[str, object]) -> str:
    """Return the values of a schedule with further ones; the others stay as they are written.

    Args:
        text: The values, a JSON object.
        more: Values of columns that the object does not have.
    """
    if not more:
        return text
    inside = text.strip()[1:-1].strip()
    return "".join(["{", inside, "," if inside else "", json.dumps(dict(more))[1:]])


def check_values(table: Table, text: str) -> None:
    """Check the values of a schedule against the columns that the job's record has.

    Raises:
        JobgenRuntimeError: The text is not a JSON object, names a column that the table does not
            have or that the runtime fills, or has no value for one without a default.
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
