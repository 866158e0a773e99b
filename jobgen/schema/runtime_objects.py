"""The objects that RuntimeSchema.sql creates, which are never part of a `Schema`."""

from __future__ import annotations

from jobgen.schema.model import QualifiedName

JOB_STATUS = "job_status"
"""The enum type of a job's `status`."""

RUNTIME_TABLES = frozenset(
    {"job_cancellations", "job_pauses", "job_refusals", "job_runtime_schema", "job_workers"}
)


def is_runtime_object(name: QualifiedName) -> bool:
    """Return whether the table, type or index called `name` belongs to the runtime."""
    return name.name == JOB_STATUS or name.name in RUNTIME_TABLES
