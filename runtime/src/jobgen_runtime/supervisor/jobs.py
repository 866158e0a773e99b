"""Which job classes a worker can run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobgen_runtime.contract import InvalidJob
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord


def check_jobs(jobs: Sequence[object]) -> list[type[Job[Any]]]:
    """The job classes to run. Raises InvalidJob for what is none, or for two of one table."""
    checked: list[type[Job[Any]]] = []
    tables: dict[str, str] = {}
    for job in jobs:
        if not isinstance(job, type) or not issubclass(job, Job):
            raise InvalidJob(f"workers must list job classes, and {job!r} is none.")
        record = getattr(job, "record", None)
        if not isinstance(record, type) or not issubclass(record, JobRecord):
            raise InvalidJob(
                f"{job.__qualname__} does not say which table it works off.",
                hint=f"Write class {job.__name__}(Job[{job.__name__}Job]), with its record.",
            )
        if job.__abstractmethods__:
            raise InvalidJob(f"{job.__qualname__} has no perform.")
        table = record.__table__.qualified_name
        if table in tables:
            raise InvalidJob(f"{tables[table]} and {job.__qualname__} both work off {table}.")
        tables[table] = job.__qualname__
        checked.append(job)
    return checked
