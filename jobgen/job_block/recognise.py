"""Recognises a job's table by its name and its columns."""

from __future__ import annotations

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import JOB_TABLE_SUFFIX

from jobgen.schema.model import Table
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
