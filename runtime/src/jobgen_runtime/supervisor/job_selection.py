"""Validate the project's job classes, and select those that a command is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jobgen_runtime.contract.errors import InvalidJob, UnknownName
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord

JobClass = type[Job[Any]]


def validate_jobs(jobs: Sequence[object]) -> list[JobClass]:
    """Return `jobs` as job classes that a worker can run.

    Raises:
        InvalidJob: One of them is not a job class that can run, or two share a table.
    """
    valid: list[JobClass] = []
    class_of_table: dict[str, str] = {}
    for job in jobs:
        if not isinstance(job, type) or not issubclass(job, Job):
            raise InvalidJob(f"workers must list job classes, but {job!r} is not a job class.")
        record = getattr(job, "record", None)
        if not isinstance(record, type) or not issubclass(record, JobRecord):
            raise InvalidJob(
                f"{job.__qualname__} does not name the table whose jobs it runs.",
                hint=f"Write class {job.__name__}(Job[{job.__name__}Job]), with its record.",
            )
        if job.__abstractmethods__:
            raise InvalidJob(
                f"{job.__module__}.{job.__qualname__} has no perform method.",
                hint="Write def perform(self, job) or async def perform(self, job) in it.",
            )
        table = record.__table__.qualified_name
        if table in class_of_table:
            raise InvalidJob(
                f"{class_of_table[table]} and {job.__qualname__} both run the jobs of {table}."
            )
        class_of_table[table] = job.__qualname__
        valid.append(job)
    return valid


@dataclass(frozen=True, slots=True)
class JobSelection:
    """The jobs that were asked for: by name or by application, or all if neither is given."""

    jobs: Sequence[str] = ()
    applications: Sequence[str] = ()
    excluded: Sequence[str] = ()
    """Jobs to leave out."""


def select_jobs(
    jobs: Sequence[JobClass], selection: JobSelection, application_of: Callable[[str], str | None]
) -> list[JobClass]:
    """Return the selected jobs, in the order of `jobs`.

    A job may be named by its class, its record or its table, with or without its application before
    a dot; case, hyphens and underscores do not matter.

    Args:
        jobs: All jobs of the project.
        selection: Which of them to return.
        application_of: Returns the application of a module, given the module's name.

    Raises:
        UnknownName: A name is unknown or ambiguous, or no job is left.
    """
    applications = {job: application_of(job.__module__) or "" for job in jobs}
    lookup = _JobLookup(applications)
    wanted = {lookup.job(name) for name in selection.jobs}
    for name in selection.applications:
        wanted.update(lookup.jobs_of_application(name))
    unwanted = {lookup.job(name) for name in selection.excluded}
    selected = [job for job in jobs if (not wanted or job in wanted) and job not in unwanted]
    if not selected:
        raise UnknownName("This selection leaves no job to run.")
    return selected


class _JobLookup:
    def __init__(self, applications: Mapping[JobClass, str]) -> None:
        self._applications = applications
        self._keys = {job: list(_keys(job, app)) for job, app in applications.items()}

    def job(self, name: str) -> JobClass:
        found = [job for job, keys in self._keys.items() if _normalized(name) in keys]
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownName(
                f"{name} is ambiguous: it may be {' or '.join(map(self._full_name, found))}.",
                hint="Give the application too, or the table's name.",
            )
        keys = {self._full_name(job): keys for job, keys in self._keys.items()}
        raise _unknown("job", name, keys)

    def jobs_of_application(self, name: str) -> list[JobClass]:
        key = _normalized(name)
        found = [job for job, app in self._applications.items() if key and _normalized(app) == key]
        if not found:
            keys = {app: [_normalized(app)] for app in self._applications.values() if app}
            raise _unknown("application with a job", name, keys)
        return found

    def _full_name(self, job: JobClass) -> str:
        application = self._applications[job]
        return f"{application}.{job.__name__}" if application else job.__name__


def _keys(job: JobClass, application: str) -> Iterator[str]:
    """Yield the normalized names by which a job can be selected."""
    names = [job.__name__]
    if issubclass(job.record, JobRecord):
        table = job.record.__table__
        names += [job.record.__name__, table.name, table.qualified_name]
    for name in map(_normalized, names):
        yield name
        yield f"{_normalized(application)}.{name}"


def _normalized(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _unknown(kind: str, name: str, keys: Mapping[str, Sequence[str]]) -> UnknownName:
    """Make the error for an unknown name, given the keys of each known one."""
    known = {key for of_one in keys.values() for key in of_one}
    matches = get_close_matches(_normalized(name), known)
    similar = [shown for shown, of_one in keys.items() if set(matches).intersection(of_one)]
    guess = f" Did you mean {' or '.join(similar)}?" if similar else ""
    named = f"called {name}" if name else "with an empty name"
    return UnknownName(
        f"There is no {kind} {named}.{guess}", hint=f"Known names: {', '.join(keys)}."
    )
