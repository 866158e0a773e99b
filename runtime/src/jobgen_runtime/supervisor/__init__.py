"""The lives of worker processes."""

from __future__ import annotations

from jobgen_runtime.supervisor.check import Lack, find_lacks
from jobgen_runtime.supervisor.jobs import check_jobs
from jobgen_runtime.supervisor.parent import Parent
from jobgen_runtime.supervisor.processes import Processes
from jobgen_runtime.supervisor.selection import Selection, select
from jobgen_runtime.supervisor.settings import Settings
from jobgen_runtime.supervisor.supervisor import Supervisor
from jobgen_runtime.supervisor.vitals import Condition, Vitals, examine, together

__all__ = [
    "Condition",
    "Lack",
    "Parent",
    "Processes",
    "Selection",
    "Settings",
    "Supervisor",
    "Vitals",
    "check_jobs",
    "examine",
    "find_lacks",
    "select",
    "together",
]
