"""What every job's table has."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from jobgen_runtime.contract.statuses import JobStatus


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
