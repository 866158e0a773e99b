"""The objects that RuntimeSchema.sql creates, which are never part of a `Schema`."""

from __future__ import annotations

from jobgen.schema.model import QualifiedName

JOB_STATUS = "job_status"
"""The enum type of a job's `status`."""

RUNTIME_TABLES = {
    "job_cancellations": "requested_at",
    "job_pauses": "paused_at",
    "job_refusals": "wanted_status",
    "job_runtime_schema": "singleton",
    "job_workers": "heartbeat_at",
}
"""The runtime's tables, each with a column that tells it from a table of the user."""

WAKE_FUNCTION = "wake_job_workers"
"""The trigger function of job tables."""

UUID_FUNCTION = "uuidv7"
"""The function that the runtime creates before PostgreSQL 18."""


def is_runtime_object(name: QualifiedName) -> bool:
    """Return whether the table, type or index called `name` belongs to the runtime."""
    return name.name == JOB_STATUS or name.name in RUNTIME_TABLES
