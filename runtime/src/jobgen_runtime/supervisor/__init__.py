"""One worker process's life."""

from __future__ import annotations

from jobgen_runtime.supervisor.jobs import check_jobs
from jobgen_runtime.supervisor.supervisor import Settings, Supervisor

__all__ = ["Settings", "Supervisor", "check_jobs"]
