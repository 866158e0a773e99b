"""The job classes and the records that a test may mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jobgen_runtime.job import Job
from jobgen_runtime.project import (
    activate_project,
    active_project,
    added_workers,
    find_root,
    load_workers,
    read_config,
)
from jobgen_runtime.record import JobRecord, Record
from jobgen_runtime.table import Table
from jobgen_runtime.testing.errors import TestingError

_workers: dict[Path, Sequence[type[Job[Any]]]] = {}


def project_root() -> Path | None:
    """Return the root of the project under test; None if there is none."""
    return active_project() or find_root(Path.cwd())


def project_jobs() -> Sequence[type[Job[Any]]]:
    """Return the job classes that the project's main module lists, and those of frameworks.

    Raises:
        ProjectError: The main module, or what it imports, cannot be imported.
    """
    root = project_root()
    if root is None:
        return _job_classes(added_workers())
    if root not in _workers:
        if active_project() != root:
            activate_project(root)
        if not (root / read_config(root).main_path).exists():
            return _job_classes(added_workers())
        _workers[root] = _job_classes(load_workers(root))
    return _workers[root]


def _job_classes(workers: Sequence[object]) -> Sequence[type[Job[Any]]]:
    return [each for each in workers if isinstance(each, type) and issubclass(each, Job)]


def drained_jobs(kinds: Sequence[type[Job[Any]] | type[JobRecord]]) -> Sequence[type[Job[Any]]]:
    """Return the job classes to run.

    Args:
        kinds: Job classes, or their records; all of the project if there are none.

    Raises:
        TestingError: There are none, or a record is of none of them.
    """
    jobs = project_jobs()
    if not kinds:
        if not jobs:
            raise TestingError(
                f"There is no project with jobs at {Path.cwd()} or above it, so there is nothing "
                "to drain.",
                hint="Run the tests in the project's folder, or name the job classes: "
                "drain_sync(kinds=[EmailCustomers]).",
            )
        return jobs
    return [_job_of(kind, jobs) for kind in dict.fromkeys(kinds)]


def record_of(kind: type[Job[Any]] | type[Record]) -> type[Record]:
    """Return the record of a job class, or the record itself.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind
    record = getattr(kind, "record", None)
    if _is_job(kind) and isinstance(record, type) and issubclass(record, Record):
        return record
    raise TypeError(f"{kind!r} is neither a job class nor a record of Types.py.")


def job_table(job: type[Job[Any]]) -> Table:
    """Return the table of a job class.

    Raises:
        TestingError: Its record is not that of a job table.
    """
    record = job.record
    if not issubclass(record, JobRecord):
        raise TestingError(f"The record of {job.__name__}, {record.__name__}, is not a JobRecord.")
    return record.__table__


def known_job_records() -> list[type[JobRecord]]:
    """Return the records of job tables that this process knows, one for each table."""
    project_jobs()
    found = {each.__table__.sql_name: each for each in _derived(JobRecord)}
    return list(found.values())


def known_record(sql_name: str, module: str) -> type[Record] | None:
    """Return the record of a table, given by its quoted name; None if there is none.

    `module`: the module whose record is taken where several modules have one.
    """
    found = [each for each in _derived(Record) if each.__table__.sql_name == sql_name]
    return next((each for each in found if each.__module__ == module), next(iter(found), None))


def _derived(base: type[Any]) -> Iterator[type[Any]]:
    for each in base.__subclasses__():
        if "__table__" in each.__dict__ and not each.__module__.startswith("jobgen_runtime."):
            yield each
        yield from _derived(each)


def _job_of(
    kind: type[Job[Any]] | type[JobRecord], jobs: Sequence[type[Job[Any]]]
) -> type[Job[Any]]:
    if _is_job(kind):
        return kind  # type: ignore[return-value]  # checked
    named = [each for each in jobs if each.record is kind]
    if not named:
        name = getattr(kind, "__name__", repr(kind))
        raise TestingError(
            f"{name} is not a job class, nor the record of one that the project registers.",
            hint="Add the class to the list `workers` of its application, or pass the class.",
        )
    return named[0]


def _is_job(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Job)
