"""`Job` and its options."""

from __future__ import annotations

from jobgen_runtime.job.job import Job

__all__ = ["Job"]
