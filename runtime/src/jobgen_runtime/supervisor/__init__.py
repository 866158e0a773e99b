"""The lives of worker processes."""

from __future__ import annotations

from jobgen_runtime.supervisor.jobs import check_jobs
from jobgen_runtime.supervisor.parent import Parent
from jobgen_runtime.supervisor.processes import Processes
from jobgen_runtime.supervisor.selection import Selection, select
from jobgen_runtime.supervisor.supervisor import Settings, Supervisor

__all__ = ["Parent", "Processes", "Selection", "Settings", "Supervisor", "check_jobs", "select"]
