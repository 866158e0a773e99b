"""The tables, trigger functions and indexes of RuntimeSchema.sql."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RUNTIME_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "job_attempts": "outcome",
        "job_cancellations": "requested_at",
        "job_pauses": "paused_at",
        "job_refusals": "wanted_status",
        "job_runtime_schema": "singleton",
        "job_schedules": "computed_next_at",
        "job_workers": "heartbeat_at",
    }
)
"""The runtime's own tables, each with a column that no other table of that name would have."""

RUNTIME_FUNCTIONS = frozenset({"job_schedule_changed", "wake_job_workers"})
"""The trigger functions. The runtime's own trigger has the name of its function."""

RUNTIME_INDEXES = frozenset({"job_attempts_job", "job_schedules_due"})
"""The indexes that belong to no key."""

DJANGO_TASK_TABLE = "django_task_jobs"
"""The table of the jobs of Django's Tasks, which a migration of `jobgen_runtime.django` creates."""
