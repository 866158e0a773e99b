"""Which of a project's jobs a worker runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jobgen_runtime.contract import UnknownName
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord

JobClass = type[Job[Any]]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for: the named jobs and those of the applications, or else all of them;
    without those that are `excepted`."""

    jobs: Sequence[str] = ()
    applications: Sequence[str] = ()
    excepted: Sequence[str] = ()


def select(
    jobs: Sequence[JobClass], selection: Selection, application_of: Callable[[str], str | None]
) -> list[JobClass]:
    """The jobs to run, in their order. `application_of` knows it of a module's name.

    A job is called as its class, its record or its table, with its application before a dot or
    without, in any case, with or without underscores. Raises UnknownName.
    """
    applications = {job: application_of(job.__module__) or "" for job in jobs}
    names = _Names(applications)
    wanted = {names.job(name) for name in selection.jobs}
    for name in selection.applications:
        wanted.update(names.application(name))
    unwanted = {names.job(name) for name in selection.excepted}
    chosen = [job for job in jobs if (not wanted or job in wanted) and job not in unwanted]
    if not chosen:
        raise UnknownName("That leaves no job to run.")
    return chosen


class _Names:
    def __init__(self, applications: Mapping[JobClass, str]) -> None:
        self._applications = applications
        self._calls = {job: list(_calls(job, own)) for job, own in applications.items()}

    def job(self, name: str) -> JobClass:
        found = [job for job, calls in self._calls.items() if _plain(name) in calls]
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownName(
                f"{name} may mean {' or '.join(map(self._shown, found))}.",
                hint="Give the application too, or the table's name.",
            )
        calls = {self._shown(job): calls for job, calls in self._calls.items()}
        raise _unknown("job", name, calls)

    def application(self, name: str) -> list[JobClass]:
        found = [job for job, own in self._applications.items() if _plain(own) == _plain(name)]
        if not found:
            calls = {own: [_plain(own)] for own in self._applications.values() if own}
            raise _unknown("application with a job", name, calls)
        return found

    def _shown(self, job: JobClass) -> str:
        application = self._applications[job]
        return f"{application}.{job.__name__}" if application else job.__name__


def _calls(job: JobClass, application: str) -> Iterator[str]:
    names = [job.__name__]
    if issubclass(job.record, JobRecord):
        table = job.record.__table__
        names += [job.record.__name__, table.name, table.qualified_name]
    for name in map(_plain, names):
        yield name
        yield f"{_plain(application)}.{name}"


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _unknown(kind: str, name: str, calls: Mapping[str, Sequence[str]]) -> UnknownName:
    """`calls`: what each that there is may be called."""
    matches = get_close_matches(_plain(name), {call for some in calls.values() for call in some})
    near = [shown for shown, some in calls.items() if set(matches).intersection(some)]
    guess = f" Is it {' or '.join(near)}?" if near else ""
    return UnknownName(
        f"There is no {kind} called {name}.{guess}", hint=f"There are: {', '.join(calls)}."
    )
