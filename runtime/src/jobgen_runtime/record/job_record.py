"""Rows of jobs' tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from jobgen_runtime.contract import JobStatus
from jobgen_runtime.record.record import Record


class JobRecord(Record):
    """A row of a job's table: a job, its state, and how its attempts went."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    status: JobStatus
    last_error: str | None
    attempts_count: int
    locked_at: datetime | None
    locked_by: UUID | None
    run_at: datetime

    @classmethod
    def _enums(cls) -> Mapping[str, type[Enum]]:
        return {**cls.__table__.enums, "status": JobStatus}
