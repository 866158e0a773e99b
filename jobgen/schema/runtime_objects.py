"""The objects that the runtime creates, which are never part of a `Schema`."""

from __future__ import annotations

from jobgen_runtime.job_table.runtime_tables import (
    DJANGO_TASK_TABLE,
    RUNTIME_FUNCTIONS,
    RUNTIME_INDEXES,
    RUNTIME_TABLES,
)

from jobgen.schema.model import QualifiedName

__all__ = [
    "JOB_STATUS",
    "RUNTIME_FUNCTIONS",
    "RUNTIME_INDEXES",
    "RUNTIME_TABLES",
    "UUID_FUNCTION",
    "is_runtime_object",
]

JOB_STATUS = "job_status"
"""The enum type of a job's `status`."""

UUID_FUNCTION = "uuidv7"
"""The function that the runtime creates before PostgreSQL 18."""


def is_runtime_object(name: QualifiedName) -> bool:
    """Return whether the table, type or index called `name` belongs to the runtime."""
    return name.name in {JOB_STATUS, DJANGO_TASK_TABLE, *RUNTIME_TABLES, *RUNTIME_INDEXES}
