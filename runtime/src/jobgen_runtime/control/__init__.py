"""The operations of an operator on single jobs and whole kinds, whichever workers run them."""

from __future__ import annotations

from jobgen_runtime.control.attempts import (
    RecordedAttempt,
    fetch_attempts,
    fetch_attempts_sync,
)
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
    BoundedCount,
    KindStatus,
    fetch_kind_status,
    fetch_live_workers,
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
from jobgen_runtime.control.schedules import (
    MAX_SCHEDULES,
    ScheduleStatus,
    add_schedule,
    add_schedule_sync,
    change_schedule,
    fetch_schedules,
    fetch_schedules_sync,
    pause_schedule,
    pause_schedule_sync,
    remove_schedule,
    remove_schedule_sync,
    resume_schedule,
    resume_schedule_sync,
    run_schedule_now,
    run_schedule_now_sync,
)
from jobgen_runtime.control.unregistered_kinds import (
    REGISTER,
    UnregisteredKind,
    fetch_unregistered_kinds,
    fetch_unregistered_kinds_sync,
)

__all__ = [
    "MAX_SCHEDULES",
    "REGISTER",
    "BoundedCount",
    "HiddenRows",
    "KindStatus",
    "RecordedAttempt",
    "RefusedJob",
    "ScheduleStatus",
    "UnregisteredKind",
    "add_schedule",
    "add_schedule_sync",
    "cancel_job",
    "cancel_job_sync",
    "change_schedule",
    "delete_job",
    "delete_job_sync",
    "fetch_attempts",
    "fetch_attempts_sync",
    "fetch_hidden_rows",
    "fetch_hidden_rows_sync",
    "fetch_kind_status",
    "fetch_live_workers",
    "fetch_refused_jobs",
    "fetch_refused_jobs_sync",
    "fetch_schedules",
    "fetch_schedules_sync",
    "fetch_unregistered_kinds",
    "fetch_unregistered_kinds_sync",
    "pause_kind",
    "pause_kind_sync",
    "pause_schedule",
    "pause_schedule_sync",
    "remove_schedule",
    "remove_schedule_sync",
    "resume_kind",
    "resume_kind_sync",
    "resume_schedule",
    "resume_schedule_sync",
    "retry_job",
    "retry_job_sync",
    "run_schedule_now",
    "run_schedule_now_sync",
]
