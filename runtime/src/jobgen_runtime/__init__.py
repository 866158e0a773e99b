"""Background jobs on PostgreSQL: records, worker, scripts and dashboard."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobgen_runtime.contract import (
        Cancel,
        Cancellation,
        ClaimLost,
        DuplicateJob,
        JobRunning,
        JobStatus,
        RecordNotFound,
        Snooze,
        TransactionNotAllowed,
    )
    from jobgen_runtime.database import configure, install_schema, install_schema_sync
    from jobgen_runtime.job import Job
    from jobgen_runtime.record import JobRecord, Record
    from jobgen_runtime.retry import ConstantBackoff, ExponentialBackoff, LinearBackoff
    from jobgen_runtime.table import Table

__all__ = [
    "Cancel",
    "Cancellation",
    "ClaimLost",
    "ConstantBackoff",
    "DuplicateJob",
    "ExponentialBackoff",
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
    "configure",
    "install_schema",
    "install_schema_sync",
]

# Imported on first use, so that a command that needs one name does not load the driver.
_MODULES = {
    "Cancel": "contract",
    "Cancellation": "contract",
    "ClaimLost": "contract",
    "ConstantBackoff": "retry",
    "ExponentialBackoff": "retry",
    "Job": "job",
    "JobRecord": "record",
    "JobRunning": "contract",
    "JobStatus": "contract",
    "LinearBackoff": "retry",
    "TransactionNotAllowed": "contract",
    "Record": "record",
    "RecordNotFound": "contract",
    "Snooze": "contract",
    "Table": "table",
    "DuplicateJob": "contract",
    "configure": "database",
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
