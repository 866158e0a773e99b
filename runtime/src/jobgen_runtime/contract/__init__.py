"""Names and values that all parts of the runtime share."""

from __future__ import annotations

from jobgen_runtime.contract.errors import (
    InvalidJob,
    JobgenRuntimeError,
    NoDatabase,
    ProjectError,
    QueryMismatch,
    RecordNotFound,
    SchemaError,
)
from jobgen_runtime.contract.outcomes import Failed, Outcome, Released, Succeeded, TimedOut
from jobgen_runtime.contract.rows import JOB_COLUMNS, JobRow
from jobgen_runtime.contract.statuses import FINAL, WAITING, JobStatus
from jobgen_runtime.contract.transitions import End, PutBack, Retry, Succeed, Transition

__all__ = [
    "FINAL",
    "JOB_COLUMNS",
    "WAITING",
    "End",
    "Failed",
    "InvalidJob",
    "JobRow",
    "JobStatus",
    "JobgenRuntimeError",
    "NoDatabase",
    "Outcome",
    "ProjectError",
    "PutBack",
    "QueryMismatch",
    "RecordNotFound",
    "Released",
    "Retry",
    "SchemaError",
    "Succeed",
    "Succeeded",
    "TimedOut",
    "Transition",
]
