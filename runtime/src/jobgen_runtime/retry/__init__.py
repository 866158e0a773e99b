"""Backoff policies, and which transition follows an outcome. No clock, no database."""

from __future__ import annotations

from jobgen_runtime.retry.backoff import (
    Backoff,
    ConstantBackoff,
    ExponentialBackoff,
    LinearBackoff,
)
from jobgen_runtime.retry.decision import decide, decide_transition, log_transition

__all__ = [
    "Backoff",
    "ConstantBackoff",
    "ExponentialBackoff",
    "LinearBackoff",
    "decide",
    "decide_transition",
    "log_transition",
]
