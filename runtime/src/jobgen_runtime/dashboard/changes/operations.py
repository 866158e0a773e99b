"""What can be done with many jobs at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from jobgen_runtime.contract.states import WAITING, JobStatus
from jobgen_runtime.control.jobs import (
    cancel_statement,
    delete_statement,
    reschedule_statement,
    retry_statement,
)
from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.database import Statement
from jobgen_runtime.table import Table

ENDED = frozenset({JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.SUCCEEDED})

SUCCEEDED = "succeeded"
RUNNING = "running"
ALREADY_ENDED = "already ended"


@dataclass(frozen=True)
class Operation:
    """Something that can be done with many jobs."""

    action: str
    """The last part of its address."""

    right: Right
    verb: str
    done: str
    """What it has done, as `Change` has it."""

    explanation: str
    """What it does, for the page that asks."""

    statement: Callable[[Table, UUID], Statement]
    """Return the statement that does it to one job."""

    impossible: frozenset[JobStatus]
    """The statuses whose jobs it leaves as they are."""

    skipped: Mapping[str, str] = field(default_factory=dict)
    """Why a job is left as it is, by the state that the statement has seen."""

    is_destructive: bool = False

    def label(self, status: JobStatus | None) -> str:
        """Return the text on its button above a list of the jobs with a status."""
        return "Run now" if self is RETRY and status in WAITING else self.verb


RETRY = Operation(
    "RetryJobs",
    Right.RETRY,
    "Retry",
    "retried",
    "They are due now, with no attempts counted. Jobs that run or have succeeded are skipped.",
    retry_statement,
    frozenset({JobStatus.RUNNING, JobStatus.SUCCEEDED}),
    {"running": RUNNING},
)
CANCEL = Operation(
    "CancelJobs",
    Right.CANCEL,
    "Cancel",
    "cancelled",
    "Those that wait fail and are not retried. Workers are asked to stop those that run. Jobs that "
    "have ended are skipped.",
    cancel_statement,
    ENDED,
    {"ended": ALREADY_ENDED},
    is_destructive=True,
)
DELETE = Operation(
    "DeleteJobs",
    Right.DELETE,
    "Delete",
    "deleted",
    "Their rows are deleted permanently. Jobs that run are skipped.",
    delete_statement,
    frozenset({JobStatus.RUNNING}),
    {"running": RUNNING},
    is_destructive=True,
)
RESCHEDULE = Operation(
    "RescheduleJobs",
    Right.RETRY,
    "Reschedule",
    "rescheduled",
    "Jobs that wait are due at this moment instead; their attempts stay counted. Jobs that run or "
    "have ended are skipped: retry those that failed.",
    partial(reschedule_statement, run_at=None),
    ENDED | {JobStatus.RUNNING},
    {"running": RUNNING, "refused": RUNNING, "ended": ALREADY_ENDED},
)

OPERATIONS = (RETRY, RESCHEDULE, CANCEL, DELETE)
"""The operations in the order in which lists show them."""


def reschedule_to(moment: datetime | None) -> Callable[[Table, UUID], Statement]:
    """Return the statement of RESCHEDULE for a moment; None for now."""
    return partial(reschedule_statement, run_at=moment)
