"""Delete jobs that have ended for longer than their class keeps them."""

from __future__ import annotations

from jobgen_runtime.retention.retention import Retention
from jobgen_runtime.retention.table_retention import RetentionTarget

__all__ = ["Retention", "RetentionTarget"]
