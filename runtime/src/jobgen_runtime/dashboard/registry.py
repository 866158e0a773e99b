"""Which views and which record each table has, from `jobs=[…]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.displayable import DisplayableJob
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord

Displayed: TypeAlias = type[Job[Any]] | type[DisplayableJob[Any]]
"""What `jobs=[…]` takes."""


@dataclass(frozen=True)
class Display:
    """How one table is shown."""

    view: type[DisplayableJob[Any]] = DisplayableJob
    record: type[JobRecord] | None = None
    max_attempts: int | None = None

    @property
    def has_own_detail_view(self) -> bool:
        return self.view.make_detail_view is not DisplayableJob.make_detail_view


class Registry:
    """The displays of the listed jobs, and the default one for all other tables."""

    def __init__(self, jobs: Sequence[Displayed]) -> None:
        self._displays: dict[tuple[str | None, str], Display] = {}
        for job in jobs:
            record, display = _display(job)
            place = (record.__table__.schema, record.__table__.name)
            known = self._displays.get(place)
            self._displays[place] = display if known is None else _merged(known, display)

    @property
    def qualified_tables(self) -> list[tuple[str, str]]:
        """(schema, name) of the listed records that name their schema."""
        return [(schema, name) for schema, name in self._displays if schema is not None]

    def display(self, table: JobTable) -> Display:
        """The display of a table: the listed one, else the default."""
        return self._displays.get(self._place(table), Display())

    def ordered(self, tables: Sequence[JobTable]) -> list[JobTable]:
        """The listed tables in the list's order, then the others by name."""
        places = list(self._displays)

        def position(table: JobTable) -> tuple[int, str]:
            place = self._place(table)
            return (places.index(place) if place in self._displays else len(places), table.key)

        return sorted(tables, key=position)

    def missing(self, tables: Sequence[JobTable]) -> list[str]:
        """The listed tables that the database does not show as a job's table."""
        found = {self._place(table) for table in tables}
        return [
            f"{schema}.{name}" if schema else name
            for schema, name in self._displays
            if (schema, name) not in found
        ]

    def _place(self, table: JobTable) -> tuple[str | None, str]:
        qualified = (table.schema, table.name)
        return (
            (None, table.name) if table.visible and qualified not in self._displays else qualified
        )


def _display(job: object) -> tuple[type[JobRecord], Display]:
    record = getattr(job, "record", None)
    if not isinstance(record, type) or not issubclass(record, JobRecord):
        name = getattr(job, "__qualname__", repr(job))
        raise TypeError(
            f"JobsDashboard(jobs=[…]): {name} names no job's record; list classes that derive "
            "from Job[EmailCustomersJob] or DisplayableJob[EmailCustomersJob]"
        )
    if isinstance(job, type) and issubclass(job, DisplayableJob):
        return record, Display(view=job, record=record)
    if isinstance(job, type) and issubclass(job, Job):
        return record, Display(record=record, max_attempts=job.max_attempts)
    raise TypeError(f"JobsDashboard(jobs=[…]) takes classes of Job or DisplayableJob, not {job!r}")


def _merged(first: Display, second: Display) -> Display:
    """A job and its views may both be listed: views come from one, options from the other."""
    own = second if second.view is not DisplayableJob else first
    attempts = second.max_attempts if second.max_attempts is not None else first.max_attempts
    return Display(view=own.view, record=own.record, max_attempts=attempts)
