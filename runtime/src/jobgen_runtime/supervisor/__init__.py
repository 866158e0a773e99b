"""Run worker processes: one on its own, or several under a supervisor."""

from __future__ import annotations

from jobgen_runtime.supervisor.channel import SupervisorChannel
from jobgen_runtime.supervisor.health import HealthSigns, HealthStatus, check_health, worst
from jobgen_runtime.supervisor.inspection import accept_signal
from jobgen_runtime.supervisor.job_selection import JobSelection, select_jobs, validate_jobs
from jobgen_runtime.supervisor.settings import WorkerSettings
from jobgen_runtime.supervisor.supervisor import Supervisor
from jobgen_runtime.supervisor.worker_process import WorkerProcess

__all__ = [
    "HealthSigns",
    "HealthStatus",
    "JobSelection",
    "Supervisor",
    "SupervisorChannel",
    "WorkerProcess",
    "WorkerSettings",
    "accept_signal",
    "check_health",
    "select_jobs",
    "validate_jobs",
    "worst",
]
