"""Background jobs on PostgreSQL: records, worker, scripts and dashboard."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobgen_runtime.contract.current_attempt import CurrentAttempt, current_attempt
    from jobgen_runtime.contract.errors import (
        ChangeSuppressed,
        ClaimLost,
        DuplicateJob,
        HookMisused,
        JobRunning,
        RecordNotFound,
        TransactionNotAllowed,
        TransitionSuppressed,
        WaitNotAllowed,
        WaitTimedOut,
    )
    from jobgen_runtime.contract.requests import Cancel, Snooze
    from jobgen_runtime.contract.states import Cancellation, JobStatus
    from jobgen_runtime.database import (
        AsyncCallerConnection,
        CallerConnection,
        configure,
        connection,
        connection_sync,
        install_schema,
        install_schema_sync,
    )
    from jobgen_runtime.job import Job
    from jobgen_runtime.job.hooks import CallNext, CallNextSync, Hook
    from jobgen_runtime.record import JobRecord, Record
    from jobgen_runtime.retry import ConstantBackoff, ExponentialBackoff, LinearBackoff
    from jobgen_runtime.schedule import Cron, Every
    from jobgen_runtime.table import Table

__all__ = [
    "AsyncCallerConnection",
    "CallNext",
    "CallNextSync",
    "CallerConnection",
    "Cancel",
    "Cancellation",
    "ChangeSuppressed",
    "ClaimLost",
    "ConstantBackoff",
    "Cron",
    "CurrentAttempt",
    "DuplicateJob",
    "Every",
    "ExponentialBackoff",
    "Hook",
    "HookMisused",
    "Job",
    "JobRecord",
    "JobRunning",
    "JobStatus",
    "LinearBackoff",
    "Record",
    "RecordNotFound",
    "Snooze",
    "Table",
    "TransactionNotAllowed",
    "TransitionSuppressed",
    "WaitNotAllowed",
    "WaitTimedOut",
    "configure",
    "connection",
    "connection_sync",
    "current_attempt",
    "install_schema",
    "install_schema_sync",
]

# Imported on first use, so that a command that needs one name does not load the driver.
_MODULES = {
    "AsyncCallerConnection": "database",
    "CallNext": "job.hooks",
    "CallNextSync": "job.hooks",
    "CallerConnection": "database",
    "Cancel": "contract.requests",
    "Cancellation": "contract.states",
    "ChangeSuppressed": "contract.errors",
    "ClaimLost": "contract.errors",
    "ConstantBackoff": "retry",
    "Cron": "schedule",
    "Every": "schedule",
    "CurrentAttempt": "contract.current_attempt",
    "ExponentialBackoff": "retry",
    "Hook": "job.hooks",
    "HookMisused": "contract.errors",
    "Job": "job",
    "JobRecord": "record",
    "JobRunning": "contract.errors",
    "JobStatus": "contract.states",
    "LinearBackoff": "retry",
    "TransactionNotAllowed": "contract.errors",
    "TransitionSuppressed": "contract.errors",
    "WaitNotAllowed": "contract.errors",
    "WaitTimedOut": "contract.errors",
    "Record": "record",
    "RecordNotFound": "contract.errors",
    "Snooze": "contract.requests",
    "Table": "table",
    "DuplicateJob": "contract.errors",
    "configure": "database",
    "connection": "database",
    "connection_sync": "database",
    "current_attempt": "contract.current_attempt",
    "install_schema": "database",
    "install_schema_sync": "database",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
