"""The table of the jobs that report failures of other jobs."""

from __future__ import annotations

from typing import Any

from jobgen_runtime.job import Job
from jobgen_runtime.record.job_record import JobRecord
from jobgen_runtime.table import Table


def reporting_table(job: type[Job[Any]]) -> Table | None:
    """Return the table of the jobs that report failures of this class; None if none do."""
    if job.on_failed is None or not issubclass(record := job.on_failed.record, JobRecord):
        return None
    return record.__table__
