"""Build the statements that find and change the job that another one would be a duplicate of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database import Statement
from jobgen_runtime.record.statements import SET_UPDATED_AT
from jobgen_runtime.record.values import key_to_database, to_database
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, UniqueIndex

WAITING = (JobStatus.NOT_STARTED, JobStatus.RETRY)
_IS_WAITING = sql.SQL(" AND status IN ({})").format(
    sql.SQL(", ").join(sql.Literal(status.value) for status in WAITING)
)

KeyColumns = Sequence[tuple[str, str, str | None]]
"""The name, the type and the default of each column of a unique index, as the database has them."""


def key_columns(table: Table, index: UniqueIndex) -> Statement:
    """Return the statement that reads the types and defaults of the columns of a unique index."""
    parameters = {"table": table.sql_name, "columns": list(index.columns)}
    return Statement(sql.SQL(read("key_columns")), parameters, own_types=True)


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """The values of a unique index in a new row.

    Attributes:
        table: The job's table.
        index: Its unique index.
        values: The values of the new row by attribute.
        columns: The types and defaults of the index's columns; None if they were not read.
    """

    table: Table
    index: UniqueIndex
    values: Mapping[str, object]
    columns: KeyColumns | None = None

    @property
    def is_given(self) -> bool:
        """Whether the new row has a value for each column of the index."""
        return all(self.table.attribute(column) in self.values for column in self.index.columns)

    def select(self) -> Statement:
        """Return the statement that reads the job of the same key that the index counts."""
        parameters: list[object] = []
        query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
            self._all_columns(), self.table.identifier, self._condition(parameters)
        )
        return Statement(
            query.as_bytes(None), parameters, numbered=True, columns=self.table.columns
        )

    def update(self) -> Statement:
        """Return the statement that gives the waiting job of the same key the other values."""
        parameters: list[object] = []
        assignments: list[sql.Composable] = []
        for attribute, column in self.table.column_of.items():
            if attribute in self.values and column not in self.index.columns:
                parameters.append(to_database(self.table, column, self.values[attribute]))
                assignments.append(_assign(column, len(parameters)))
        changes = sql.SQL(", ").join([*assignments, sql.SQL(SET_UPDATED_AT.lstrip(", "))])
        query = sql.SQL("UPDATE {} SET {} WHERE {}{} RETURNING {}").format(
            self.table.identifier,
            changes,
            self._condition(parameters),
            _IS_WAITING,
            self._all_columns(),
        )
        return Statement(
            query.as_bytes(None), parameters, numbered=True, columns=self.table.columns
        )

    def _all_columns(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.table.columns))

    def _condition(self, parameters: list[object]) -> sql.Composed:
        """Return the condition of the index's rows with this key, and add its parameters."""
        known = {name: (type_, default) for name, type_, default in self.columns or ()}
        conditions: list[sql.Composable] = [
            self._equals(column, known.get(column), parameters) for column in self.index.columns
        ]
        return sql.SQL(" AND ").join([*conditions, sql.SQL(self.index.status_condition)])

    def _equals(
        self, column: str, known: tuple[str, str | None] | None, parameters: list[object]
    ) -> sql.Composed:
        """Return the condition that a column has the new row's value.

        The new row's value is converted as an INSERT does it, once the column's type is known: a
        NUMERIC(10,2) rounds, and a date cuts the time off.
        """
        name = sql.Identifier(column)
        attribute = self.table.attribute(column)
        type_, default = known or (None, None)
        if attribute not in self.values:
            if default is None:
                return sql.SQL("{} IS NULL").format(name)
            expression = sql.SQL(default)
        elif self.values[attribute] is None:
            return sql.SQL("{} IS NULL").format(name)
        else:
            parameters.append(key_to_database(self.table, column, self.values[attribute]))
            expression = sql.SQL(f"${len(parameters)}")
        if type_ is None:
            return sql.SQL("{} = {}").format(name, expression)
        return sql.SQL("{} = CAST({} AS {})").format(name, expression, sql.SQL(type_))


def _assign(column: str, number: int) -> sql.Composed:
    return sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(f"${number}"))
