"""The tables of RuntimeSchema.sql."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RUNTIME_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "job_cancellations": "requested_at",
        "job_pauses": "paused_at",
        "job_refusals": "wanted_status",
        "job_runtime_schema": "singleton",
        "job_workers": "heartbeat_at",
    }
)
"""The runtime's own tables, each with a column that no other table of that name would have."""
