"""Which job a log line is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobgen_runtime.contract import JobContext, current_job


@contextmanager
def log_as(context: JobContext) -> Iterator[None]:
    """What is logged within is about that job."""
    token = current_job.set(context)
    try:
        yield
    finally:
        current_job.reset(token)
