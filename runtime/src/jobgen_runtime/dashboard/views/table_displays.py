"""How each table is displayed, from `jobs=[…]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.views.displayable import DisplayableJob
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord

Displayed: TypeAlias = type[Job[Any]] | type[DisplayableJob[Any]]
"""What `jobs=[…]` takes."""


@dataclass(frozen=True)
class TableDisplay:
    """The views, the record and the options of one table.

    `record`, `max_attempts` and `slots` are None for a table that is not listed.
    """

    view: type[DisplayableJob[Any]] = DisplayableJob
    record: type[JobRecord] | None = None
    max_attempts: int | None = None
    slots: int | None = None
    """How many jobs of the kind a worker process runs at once, at most."""


class TableDisplays:
    """The displays of the listed jobs, and the default display for all other tables."""

    def __init__(self, jobs: Sequence[Displayed]) -> None:
        self._displays: dict[tuple[str | None, str], TableDisplay] = {}
        for job in jobs:
            record, display = _display(job)
            key = (record.__table__.schema, record.__table__.name)
            known = self._displays.get(key)
            self._displays[key] = display if known is None else _merged(known, display)

    @property
    def qualified_tables(self) -> list[tuple[str, str]]:
        """The listed tables whose record names a schema, as (schema, name)."""
        return [(schema, name) for schema, name in self._displays if schema is not None]

    def display(self, table: JobTable) -> TableDisplay:
        """Return the display of a table: the listed one, or the default."""
        return self._displays.get(self._key(table), TableDisplay())

    def ordered(self, tables: Sequence[JobTable]) -> list[JobTable]:
        """Return the listed tables in their order, then the others by name."""
        keys = list(self._displays)

        def position(table: JobTable) -> tuple[int, str]:
            key = self._key(table)
            return (keys.index(key) if key in self._displays else len(keys), table.key)

        return sorted(tables, key=position)

    def missing(self, tables: Sequence[JobTable]) -> list[str]:
        """Return the listed tables that are not job tables of the database."""
        found = {self._key(table) for table in tables}
        return [
            f"{schema}.{name}" if schema else name
            for schema, name in self._displays
            if (schema, name) not in found
        ]

    def _key(self, table: JobTable) -> tuple[str | None, str]:
        qualified = (table.schema, table.name)
        return (
            (None, table.name) if table.visible and qualified not in self._displays else qualified
        )


def _display(job: object) -> tuple[type[JobRecord], TableDisplay]:
    record = getattr(job, "record", None)
    if not isinstance(record, type) or not issubclass(record, JobRecord):
        name = getattr(job, "__qualname__", repr(job))
        raise TypeError(
            f"JobsDashboard(jobs=[…]): {name} does not name a job's record. List subclasses of "
            "Job[EmailCustomersJob] or DisplayableJob[EmailCustomersJob]."
        )
    if isinstance(job, type) and issubclass(job, DisplayableJob):
        return record, TableDisplay(view=job, record=record)
    if isinstance(job, type) and issubclass(job, Job):
        slots = min(job.max_concurrency, job.global_concurrency or job.max_concurrency)
        return record, TableDisplay(record=record, max_attempts=job.max_attempts, slots=slots)
    raise TypeError(
        f"JobsDashboard(jobs=[…]) takes subclasses of Job or DisplayableJob, not {job!r}."
    )


def _merged(first: TableDisplay, second: TableDisplay) -> TableDisplay:
    """Merge a job class and its views, which may both be listed."""
    own = second if second.view is not DisplayableJob else first
    job = second if second.max_attempts is not None else first
    return replace(own, max_attempts=job.max_attempts, slots=job.slots)
