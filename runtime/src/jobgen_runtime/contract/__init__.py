"""Names and values that all parts of the runtime share."""

from __future__ import annotations

from jobgen_runtime.contract.cancellation import Cancellation
from jobgen_runtime.contract.errors import (
    ClaimLost,
    InvalidJob,
    JobgenRuntimeError,
    JobRunning,
    NoDatabase,
    NoTransaction,
    ProjectError,
    QueryMismatch,
    RecordNotFound,
    SchemaError,
    TwinWaiting,
    UnknownName,
)
from jobgen_runtime.contract.hold import Fence, Hold, HoldState, current_hold
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
from jobgen_runtime.contract.rows import JobRow
from jobgen_runtime.contract.statuses import FINAL, WAITING, JobStatus
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
    "Fail",
    "Failed",
    "Fence",
    "Hold",
    "HoldState",
    "Interrupted",
    "InvalidJob",
    "JobRow",
    "JobRunning",
    "JobStatus",
    "JobgenRuntimeError",
    "NoDatabase",
    "NoTransaction",
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
    "Transition",
    "TwinWaiting",
    "UnknownName",
    "current_hold",
]
