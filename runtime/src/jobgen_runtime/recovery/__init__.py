"""Heartbeats, and the rescue of what dead workers held."""

from __future__ import annotations

from jobgen_runtime.recovery.lease import Intervals
from jobgen_runtime.recovery.recovery import Recovery, Rescued

__all__ = ["Intervals", "Recovery", "Rescued"]
