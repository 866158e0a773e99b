"""What a database needs so that workers can delete old jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobgen_runtime.job import Job
from jobgen_runtime.preflight.fixes import set_id_default
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.preflight.table_shape import TableShape
from jobgen_runtime.table import Table


def find_random_ids(
    job: type[Job[Any]], table: Table, shape: TableShape | None
) -> Iterator[Problem]:
    """Return a problem if old jobs are to be deleted and the primary key cannot find them."""
    if shape is None or shape.random_id_default is None or not deletes_jobs(job):
        return
    name = table.qualified_name
    yield Problem(
        f"The ids of {name} are random ({shape.random_id_default}): to find the old jobs that "
        f"{job.__name__}.keep lets them delete, workers read the whole table, once a day.",
        is_fatal=False,
        hint="Let new ids follow the time, also in Schema.sql. Existing rows keep their ids.",
        statements=(set_id_default(table),),
    )


def deletes_jobs(job: type[Job[Any]]) -> bool:
    """Return whether workers delete old jobs of this kind."""
    return job.keep is not None or job.keep_failed is not None
