"""Names and values that all parts of the runtime share."""

from __future__ import annotations

from jobgen_runtime.contract.context import Fence, JobContext, TransactionState, current_job
from jobgen_runtime.contract.errors import (
    ClaimLost,
    DuplicateJob,
    InvalidJob,
    JobgenRuntimeError,
    JobRunning,
    NoDatabase,
    ProjectError,
    QueryMismatch,
    RecordNotFound,
    SchemaError,
    TransactionNotAllowed,
    UnknownName,
)
from jobgen_runtime.contract.outcomes import (
    CANCELLED,
    Cancelled,
    Committed,
    Failed,
    Interrupted,
    Outcome,
    Snoozed,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.contract.requests import Cancel, Snooze
from jobgen_runtime.contract.states import (
    FINAL,
    WAITING,
    Cancellation,
    JobRow,
    JobStatus,
)
from jobgen_runtime.contract.transitions import (
    Fail,
    Release,
    Retry,
    SnoozeFor,
    Succeed,
    Transition,
)

__all__ = [
    "CANCELLED",
    "FINAL",
    "WAITING",
    "Cancel",
    "Cancellation",
    "Cancelled",
    "ClaimLost",
    "Committed",
    "DuplicateJob",
    "Fail",
    "Failed",
    "Fence",
    "Interrupted",
    "InvalidJob",
    "JobContext",
    "JobRow",
    "JobRunning",
    "JobStatus",
    "JobgenRuntimeError",
    "NoDatabase",
    "Outcome",
    "ProjectError",
    "QueryMismatch",
    "RecordNotFound",
    "Release",
    "Retry",
    "SchemaError",
    "Snooze",
    "SnoozeFor",
    "Snoozed",
    "Succeed",
    "Succeeded",
    "TimedOut",
    "TransactionNotAllowed",
    "TransactionState",
    "Transition",
    "UnknownName",
    "current_job",
]
