"""What RuntimeSchema.sql owns in a database: never the user's, so never in a `Schema`."""

from __future__ import annotations

from jobgen.schema.model import QualifiedName

JOB_STATUS = "job_status"
"""The enum of a job's `status`; its labels and its Python class are the runtime's."""

RUNTIME_TABLES = frozenset({"job_cancellations", "job_pauses", "job_runtime_schema", "job_workers"})


def is_runtime_object(name: QualifiedName) -> bool:
    """Whether a table, a type or an index of that name is the runtime's own."""
    return name.name == JOB_STATUS or name.name in RUNTIME_TABLES
