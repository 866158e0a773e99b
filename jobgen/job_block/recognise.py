"""Recognises a job's table by its name and its columns."""

from __future__ import annotations

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import JOB_TABLE_SUFFIX
from jobgen_runtime.job_table.priority import PRIORITY_COLUMN, PRIORITY_TYPE
from jobgen_runtime.job_table.traceparent import TRACEPARENT_COLUMN, TRACEPARENT_TYPE

from jobgen.columns.arguments import NewColumn
from jobgen.schema.model import Column, Table
from jobgen.schema.runtime_objects import JOB_STATUS


def is_job_table(table: Table) -> bool:
    """Return whether the table's name ends in `_jobs` and it has the nine job columns."""
    if not table.name.endswith(JOB_TABLE_SUFFIX):
        return False
    columns = {column.name: column for column in table.columns}
    for expected in JOB_COLUMNS.values():
        column = columns.get(expected.name)
        if column is None or column.type.name != expected.type or column.type.dimensions:
            return False
        if column.type.is_builtin == (expected.type == JOB_STATUS):
            return False
        if not column.not_null and not expected.is_nullable:
            return False
    return True


def is_priority(column: Column | NewColumn) -> bool:
    """Return whether claims of a job order by this column of its table first.

    The column is called `priority`, and is SMALLINT and NOT NULL. Any other is the user's own.
    """
    type_ = column.type
    is_smallint = type_.is_builtin and type_.name == PRIORITY_TYPE and not type_.dimensions
    return column.name == PRIORITY_COLUMN and is_smallint and column.not_null


def has_priority(table: Table) -> bool:
    """Return whether claims of the table's job start with the highest priority."""
    return is_job_table(table) and any(map(is_priority, table.columns))


def has_traceparent(table: Table) -> bool:
    """Return whether the table's job keeps the span that created it.

    The column is called `traceparent`, and is a TEXT that allows NULL. Any other is the user's own.
    """
    return is_job_table(table) and any(
        column.name == TRACEPARENT_COLUMN
        and column.type.is_builtin
        and column.type.name == TRACEPARENT_TYPE
        and not column.type.dimensions
        and not column.not_null
        for column in table.columns
    )
