"""What every job's table has."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from jobgen_runtime.contract.statuses import JobStatus

JOB_COLUMNS = (
    "id",
    "created_at",
    "updated_at",
    "status",
    "last_error",
    "attempts_count",
    "locked_at",
    "locked_by",
    "run_at",
)
"""The nine columns of every job's table, in their order."""


class JobRow(Protocol):
    """A row of any job's table, whatever else is in it."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    status: JobStatus
    last_error: str | None
    attempts_count: int
    locked_at: datetime | None
    locked_by: UUID | None
    run_at: datetime
