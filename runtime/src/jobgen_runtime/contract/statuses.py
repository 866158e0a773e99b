"""The states of a job's row."""

from __future__ import annotations

from enum import Enum


class JobStatus(Enum):
    """The database's enum `job_status`."""

    NOT_STARTED = "job_status_not_started"
    RUNNING = "job_status_running"
    FAILED = "job_status_failed"
    TIMED_OUT = "job_status_timed_out"
    SUCCEEDED = "job_status_succeeded"
    RETRY = "job_status_retry"


WAITING = frozenset({JobStatus.NOT_STARTED, JobStatus.RETRY})
"""A worker takes such a row once it is due."""

FINAL = frozenset({JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.SUCCEEDED})
"""No worker touches such a row again."""
