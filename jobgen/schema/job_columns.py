"""The nine columns of every job's table."""

from __future__ import annotations

from jobgen.schema.model import Table
from jobgen.schema.runtime_objects import JOB_STATUS

JOB_TABLE_SUFFIX = "_jobs"

JOB_COLUMNS = {
    "id": "uuid",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "status": JOB_STATUS,
    "last_error": "text",
    "attempts_count": "int4",
    "locked_at": "timestamptz",
    "locked_by": "uuid",
    "run_at": "timestamptz",
}
"""PostgreSQL's name of each column's type, in the order of the table."""

_NULLABLE = frozenset({"last_error", "locked_at", "locked_by"})


def is_job_table(table: Table) -> bool:
    """Whether a table is a job's: by its name's ending and the nine columns with their types."""
    if not table.name.endswith(JOB_TABLE_SUFFIX):
        return False
    columns = {column.name: column for column in table.columns}
    for name, type_name in JOB_COLUMNS.items():
        column = columns.get(name)
        if column is None or column.type.name != type_name or column.type.dimensions:
            return False
        if column.type.is_builtin == (type_name == JOB_STATUS):
            return False
        if not column.not_null and name not in _NULLABLE:
            return False
    return True
