"""`Job`: the base class of jobs, and the check of its options."""

from __future__ import annotations

from jobgen_runtime.job.job import Job

__all__ = ["Job"]
