"""The states of a job, and the columns that every job table has."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID


class JobStatus(Enum):
    """The status of a job: the database's enum `job_status`."""

    NOT_STARTED = "job_status_not_started"
    RUNNING = "job_status_running"
    FAILED = "job_status_failed"
    TIMED_OUT = "job_status_timed_out"
    SUCCEEDED = "job_status_succeeded"
    RETRY = "job_status_retry"


_unknown: dict[str, JobStatus] = {}


def read_status(text: str) -> JobStatus:
    """Return the status that the database writes as `text`.

    A value that a newer version or an ALTER TYPE has added to the enum becomes a separate member,
    with that value and a name made from it: it equals no member of the class. One such row must not
    make all rows unreadable.
    """
    try:
        return JobStatus(text)
    except ValueError:
        member = object.__new__(JobStatus)
        member._name_ = text.removeprefix("job_status_").upper()
        member._value_ = text
        return _unknown.setdefault(text, member)


WAITING = frozenset({JobStatus.NOT_STARTED, JobStatus.RETRY})
"""Statuses of a job that a worker claims once `run_at` has passed."""

ENDED = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.TIMED_OUT})
"""Statuses of a job that does not run again, unless an operator retries it."""


class JobRow(Protocol):
    """A row of any job table, by the columns that all of them have."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    status: JobStatus
    last_error: str | None
    attempts_count: int
    locked_at: datetime | None
    locked_by: UUID | None
    run_at: datetime


class Cancellation(Enum):
    """The result of `cancel()`."""

    DONE = "done"
    """No worker ran the job. It has failed now, and does not start again."""

    REQUESTED = "requested"
    """The job is running. Its worker interrupts it, and it fails once it has stopped, unless it
    succeeds first. A thread cannot be interrupted: it runs to its end and is not retried."""

    TOO_LATE = "too late"
    """The job had already finished. Nothing changed."""
