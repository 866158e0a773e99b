"""The unique index of `jobgen job --unique`: its columns, name and statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.job_table.unique import DEFAULT_WHILE, UNIQUE_WHILE

from jobgen.columns.arguments import NewColumn
from jobgen.columns.types import has_order
from jobgen.errors import UsageError
from jobgen.naming import quote_identifier
from jobgen.schema.model import Column, Schema, Table, UniqueIndex

_WORDS: Mapping[str, str] = {"waiting": "waiting ", "unfinished": "unfinished ", "always": ""}


@dataclass(frozen=True, slots=True)
class UniqueJob:
    """What makes a job unique.

    Attributes:
        columns: The columns whose values together may occur once.
        duration: When a job counts: a key of `UNIQUE_WHILE`.
    """

    columns: tuple[str, ...]
    duration: str

    @property
    def statuses(self) -> tuple[str, ...] | None:
        """The statuses in which a job counts; None for all."""
        return UNIQUE_WHILE[self.duration]

    @property
    def reason(self) -> str:
        """The comment above the index."""
        kind = _WORDS[self.duration]
        return f"Allows one {kind}job for each {' and '.join(self.columns)}."

    def serves(self, column: str) -> bool:
        """Return whether the index also finds all jobs by a column."""
        return self.statuses is None and column == self.columns[0]

    def index_name(self, table: str) -> str:
        """Return the name of the index of a table, not quoted."""
        return object_name(table, f"{'_'.join(self.columns)}_unique")

    def variables(self, table: str) -> dict[str, str]:
        """Return the index as the template for a job's block gets it."""
        statuses = ", ".join(f"'{status}'" for status in self.statuses or ())
        return {
            "name": quote_identifier(self.index_name(table)),
            "columns": ", ".join(map(quote_identifier, self.columns)),
            "condition": f" WHERE status IN ({statuses})" if statuses else "",
            "reason": self.reason,
        }

    def statement(self, table: str, *, on: str) -> str:
        """Return the statement that creates the index, as the block has it.

        Args:
            table: The table's name, not quoted.
            on: The table's name in SQL.
        """
        index = self.variables(table)
        return (
            f"CREATE UNIQUE INDEX {index['name']} ON {on} ({index['columns']}){index['condition']};"
        )

    def is_made_by(self, index: UniqueIndex) -> bool:
        """Return whether an index of the job's table does the same."""
        return self.is_about(index) and self.statuses == index.statuses

    def is_about(self, index: UniqueIndex) -> bool:
        """Return whether an index of the job's table is about the same columns."""
        return set(self.columns) == set(index.columns)


def requested_unique(
    arguments: Sequence[str],
    duration: str | None,
    columns: Sequence[NewColumn],
    table: Table | None,
    schema: Schema,
) -> UniqueJob | None:
    """Return what makes the job unique; None without `--unique`.

    Args:
        arguments: The values of `--unique`: columns, separated by commas.
        duration: The value of `--while`; None if it is not given.
        columns: The job's new columns.
        table: The job's table, if it exists already.
        schema: The types that there are.

    Raises:
        UsageError: A column is not there, is given twice, or cannot be compared; or only
            `--while` is given.
    """
    names = [name.strip() for argument in arguments for name in argument.split(",")]
    if not names:
        if duration is not None:
            raise UsageError(
                f"--while {duration} says when a job is unique, and --unique is missing.",
                hint="Add --unique with the columns that make it unique: --unique band",
            )
        return None
    known = _columns(columns, table)
    found: list[str] = []
    for name in names:
        column = known.get(name) or known.get(f"{name}_id")
        if column is None:
            raise UsageError(f"--unique: the job has no column {name!r}.", hint=_hint(known))
        if column.name in found:
            raise UsageError(
                f"--unique: the column {column.name} is given twice.", hint="Remove one of the two."
            )
        if not has_order(schema.base_type(column.type)):
            raise UsageError(
                f"--unique: values of the column {column.name} have no order, so they cannot be"
                " in a unique index.",
                hint="Name another column." if column.type.name != "json" else "Use jsonb.",
            )
        found.append(column.name)
    return UniqueJob(tuple(found), duration or DEFAULT_WHILE)


def nullable_columns(
    unique: UniqueJob, columns: Sequence[NewColumn], table: Table | None, schema: Schema
) -> list[str]:
    """Return the columns of a unique index that allow NULL, which equals no other NULL."""
    known = _columns(columns, table)
    return [name for name in unique.columns if not schema.is_not_null(known[name])]


def _columns(columns: Sequence[NewColumn], table: Table | None) -> dict[str, Column]:
    """Return the job's own columns by name; those of the table come first."""
    added = [Column(each.name, each.type, not_null=each.not_null) for each in columns]
    existing = table.columns if table is not None else ()
    own = [each for each in existing if each.name not in JOB_COLUMNS]
    return {each.name: each for each in (*added, *own)}


def _hint(known: Mapping[str, Column]) -> str:
    if not known:
        return "It has no columns at all. Give them before: jobgen job NAME band:references"
    return f"Its columns are {', '.join(known)}."
