"""Where the jobs of one kind run."""

from __future__ import annotations

from functools import partial
from typing import Any

from jobgen_runtime.database.address import configuration, configure, database_url
from jobgen_runtime.executor import Deadline, InProcess, InThread, OnLoop, Place
from jobgen_runtime.job import Job


def place_of(job: Job[Any], slots: int, deadline: Deadline) -> Place:
    """On the loop, in threads, or in processes of their own, which live until the deadline."""
    if job.is_async():
        return OnLoop(job)
    if job.isolation == "process":
        set_up = partial(configure, database_url(), pool_size=configuration.pool_size)
        return InProcess(job, set_up, deadline)
    return InThread(job, slots)
