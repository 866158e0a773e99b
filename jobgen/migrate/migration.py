"""The changes that bring a database up to Schema.sql and to the runtime's own schema."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.migrate.difference import Report, Step
from jobgen.migrate.schema_file import SchemaFile

_SWITCHED = ("owners", "grants", "comments")


@dataclass(frozen=True, slots=True)
class Migration:
    """The changes to one database.

    Attributes:
        runtime: The text of RuntimeSchema.sql; None where the database has its objects.
        whole: Schema.sql, where it is run as it is because the database is empty.
        steps: The additions, in this order.
        reports: The differences that are left to a person.
        notes: A line for each statement of Schema.sql that was not run, with its reason.
        also: Which of "owners", "grants" and "comments" of existing objects were compared.
    """

    runtime: str | None
    whole: SchemaFile | None
    steps: tuple[Step, ...]
    reports: tuple[Report, ...]
    notes: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()

    @property
    def not_compared(self) -> tuple[str, ...]:
        """The attributes of existing objects that were not compared."""
        return (*(each for each in _SWITCHED if each not in self.also), "rows")

    @property
    def is_empty(self) -> bool:
        """Whether the database needs no addition."""
        return self.runtime is None and self.whole is None and not self.steps

    @property
    def is_difference(self) -> bool:
        """Whether the database differs from Schema.sql in any way that matters."""
        return not self.is_empty or any(not report.is_harmless for report in self.reports)

    @property
    def is_incomplete(self) -> bool:
        """Whether a part of Schema.sql stays missing or different."""
        return any(report.missing for report in self.reports)
