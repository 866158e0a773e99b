"""The job that a log record names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobgen_runtime.contract.context import JobContext, current_job


@contextmanager
def log_as(context: JobContext) -> Iterator[None]:
    """Make log records within the block name that job, as if its own code logged them."""
    token = current_job.set(context)
    try:
        yield
    finally:
        current_job.reset(token)
