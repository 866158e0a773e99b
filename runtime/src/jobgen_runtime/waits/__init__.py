"""Wait for the ends of jobs: many waits share one thread and one connection."""

from __future__ import annotations

from jobgen_runtime.waits.hubs import begin_wait, drop_hub
from jobgen_runtime.waits.wait import JobGone, Wait

__all__ = ["JobGone", "Wait", "begin_wait", "drop_hub"]
