"""The operations of an operator on single jobs and whole kinds, whichever workers run them."""

from __future__ import annotations

from jobgen_runtime.control.hidden_rows import (
    HiddenRows,
    fetch_hidden_rows,
    fetch_hidden_rows_sync,
)
from jobgen_runtime.control.jobs import (
    cancel_job,
    cancel_job_sync,
    delete_job,
    delete_job_sync,
    retry_job,
    retry_job_sync,
)
from jobgen_runtime.control.kinds import (
    KindStatus,
    fetch_kind_status,
    pause_kind,
    pause_kind_sync,
    resume_kind,
    resume_kind_sync,
)
from jobgen_runtime.control.refused_jobs import (
    RefusedJob,
    fetch_refused_jobs,
    fetch_refused_jobs_sync,
)

__all__ = [
    "HiddenRows",
    "KindStatus",
    "RefusedJob",
    "cancel_job",
    "cancel_job_sync",
    "delete_job",
    "delete_job_sync",
    "fetch_hidden_rows",
    "fetch_hidden_rows_sync",
    "fetch_kind_status",
    "fetch_refused_jobs",
    "fetch_refused_jobs_sync",
    "pause_kind",
    "pause_kind_sync",
    "resume_kind",
    "resume_kind_sync",
    "retry_job",
    "retry_job_sync",
]
