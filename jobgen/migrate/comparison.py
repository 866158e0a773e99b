"""A database against Schema.sql: what to add, and what to leave to a person."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeVar

from jobgen.migrate.catalog import Catalog
from jobgen.migrate.constraint_differences import constraint_differences
from jobgen.migrate.difference import Difference, Report
from jobgen.migrate.index_differences import index_differences
from jobgen.migrate.object_differences import object_differences
from jobgen.migrate.ordering import arranged
from jobgen.migrate.table_differences import table_differences

Value = TypeVar("Value")
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`additions` are made in this order; `reports` are for a person."""

    additions: tuple[Difference, ...]
    reports: tuple[Report, ...]

    @property
    def lacking(self) -> tuple[Report, ...]:
        """Reports of what Schema.sql has otherwise than the database."""
        return tuple(report for report in self.reports if report.missing)

    @property
    def left_over(self) -> tuple[Report, ...]:
        """Reports of what only the database has."""
        return tuple(report for report in self.reports if not report.missing)


def compare(has: Catalog, wanted: Catalog, filled: AbstractSet[str]) -> Comparison:
    """What the database `has` lacks of `wanted`; `filled` names its tables that have rows."""
    found = [
        *object_differences(has, wanted),
        *table_differences(has, wanted, filled),
        *constraint_differences(has, wanted, filled),
        *index_differences(has, wanted, filled),
    ]
    additions, reports = arranged(found, wanted)
    return Comparison(tuple(additions), tuple(sorted(reports, key=lambda r: (r.missing, r.what))))


def concerned_tables(has: Catalog, wanted: Catalog) -> list[str]:
    """The tables of the database for which it matters whether they have rows."""
    comparison = compare(has, wanted, frozenset())
    tables = {difference.table for difference in comparison.additions if difference.table}
    return sorted(tables & has.tables.keys())


def without(catalog: Catalog, other: Catalog) -> Catalog:
    """`catalog` without the objects that `other` has too, by their names, parts included."""

    def kept(mine: Mapping[Key, Value], names: AbstractSet[Key]) -> dict[Key, Value]:
        return {key: value for key, value in mine.items() if key not in names}

    def parts(mine: Mapping[tuple[str, str], Value]) -> dict[tuple[str, str], Value]:
        return {key: value for key, value in mine.items() if key[0] not in other.tables}

    return replace(
        catalog,
        tables=kept(catalog.tables, other.tables.keys()),
        columns=parts(catalog.columns),
        constraints=parts(catalog.constraints),
        indexes=kept(catalog.indexes, other.indexes.keys()),
        enums=kept(catalog.enums, other.enums.keys()),
        sequences=kept(catalog.sequences, other.sequences.keys()),
        definitions={
            key: value
            for key, value in catalog.definitions.items()
            if key not in other.definitions and key[1] not in other.tables
        },
        others=catalog.others - other.others,
    )
