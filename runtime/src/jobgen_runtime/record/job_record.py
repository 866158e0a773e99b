"""Rows of jobs' tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Self
from uuid import UUID

from psycopg.rows import BaseRowFactory

from jobgen_runtime.contract import JobStatus
from jobgen_runtime.record.decode import fixed_rows
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
    def rows(cls) -> BaseRowFactory[Self]:
        """A row factory for statements that return the table's columns, in their order."""
        return fixed_rows(cls._maker())

    @classmethod
    def _enums(cls) -> Mapping[str, type[Enum]]:
        return {**cls.__table__.enums, "status": JobStatus}
