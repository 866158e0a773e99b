"""Backoff policies, and what follows an outcome. Pure: no clock, no database."""

from __future__ import annotations

from jobgen_runtime.retry.backoff import Backoff, ExponentialBackoff, LinearBackoff
from jobgen_runtime.retry.decision import decide

__all__ = ["Backoff", "ExponentialBackoff", "LinearBackoff", "decide"]
