"""Runs one `perform` and says how it ended, as a value. Knows no SQL."""

from __future__ import annotations

from jobgen_runtime.executor.context import JobContext, about, current_job
from jobgen_runtime.executor.errors import describe
from jobgen_runtime.executor.run import Run

__all__ = ["JobContext", "Run", "about", "current_job", "describe"]
