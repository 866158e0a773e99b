"""Compares a database with Schema.sql: what can be added, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeVar

from jobgen.migrate.constraint_differences import constraint_differences
from jobgen.migrate.difference import Difference, Report
from jobgen.migrate.index_differences import index_differences
from jobgen.migrate.object_differences import object_differences
from jobgen.migrate.ordering import arrange
from jobgen.migrate.snapshot import DatabaseSnapshot
from jobgen.migrate.table_differences import table_differences

Value = TypeVar("Value")
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between a database and Schema.sql.

    Attributes:
        additions: The differences that are applied, in this order.
        reports: The differences that are only shown.
    """

    additions: tuple[Difference, ...]
    reports: tuple[Report, ...]

    @property
    def missing(self) -> tuple[Report, ...]:
        """The reports of objects that are missing in the database or differ there."""
        return tuple(report for report in self.reports if report.missing)

    @property
    def extra(self) -> tuple[Report, ...]:
        """The reports of objects that only the database has."""
        return tuple(report for report in self.reports if not report.missing)


def compare(
    current: DatabaseSnapshot, wanted: DatabaseSnapshot, filled: AbstractSet[str]
) -> Comparison:
    """Return the differences between a database and the one that Schema.sql describes.

    Args:
        current: The database.
        wanted: The database that Schema.sql describes.
        filled: The names of the tables of `current` that have rows.
    """
    found = [
        *object_differences(current, wanted),
        *table_differences(current, wanted, filled),
        *constraint_differences(current, wanted, filled),
        *index_differences(current, wanted, filled),
    ]
    additions, reports = arrange(found, wanted)
    return Comparison(tuple(additions), tuple(sorted(reports, key=lambda r: (r.missing, r.what))))


def changed_tables(current: DatabaseSnapshot, wanted: DatabaseSnapshot) -> list[str]:
    """Return the tables of `current` that get additions, which depend on whether they have rows."""
    comparison = compare(current, wanted, frozenset())
    tables = {difference.table for difference in comparison.additions if difference.table}
    return sorted(tables & current.tables.keys())


def subtract(snapshot: DatabaseSnapshot, other: DatabaseSnapshot) -> DatabaseSnapshot:
    """Return `snapshot` without the objects, and parts of objects, whose names `other` has too."""

    def kept(mine: Mapping[Key, Value], names: AbstractSet[Key]) -> dict[Key, Value]:
        return {key: value for key, value in mine.items() if key not in names}

    def parts(mine: Mapping[tuple[str, str], Value]) -> dict[tuple[str, str], Value]:
        return {key: value for key, value in mine.items() if key[0] not in other.tables}

    return replace(
        snapshot,
        tables=kept(snapshot.tables, other.tables.keys()),
        columns=parts(snapshot.columns),
        constraints=parts(snapshot.constraints),
        indexes=kept(snapshot.indexes, other.indexes.keys()),
        enums=kept(snapshot.enums, other.enums.keys()),
        sequences=kept(snapshot.sequences, other.sequences.keys()),
        definitions={
            key: value
            for key, value in snapshot.definitions.items()
            if key not in other.definitions and key[1] not in other.tables
        },
        others=snapshot.others - other.others,
    )
