"""When a unique index over a job table counts a job: the values of `jobgen job --while`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WAITING = ("job_status_not_started", "job_status_retry")

UNIQUE_WHILE: Mapping[str, tuple[str, ...] | None] = MappingProxyType(
    {
        "waiting": _WAITING,
        "unfinished": (*_WAITING, "job_status_running"),
        "always": None,
    }
)
"""The statuses in which a job counts, by name; None for all."""

DEFAULT_WHILE = "unfinished"
"""Which of them an index has unless another one is named."""
