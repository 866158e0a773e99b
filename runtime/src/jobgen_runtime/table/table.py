"""`Table`: a table or view, as the generated records describe it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache

from psycopg import sql

from jobgen_runtime.table.quoting import quote_name


@dataclass(frozen=True)
class Table:
    """A table or view of the database, as `Generated/Types.py` describes it.

    Attributes:
        name: The name in the database.
        columns: The names of the columns in the database, in order.
        key: The columns of the primary key; empty if there is none.
        schema: The schema; None if the table is found through search_path.
        attributes: The record's attribute for each column whose name differs.
        enums: The Enum class of each column that is an enum or an array of one.
        json: The columns of the types json and jsonb.
        json_arrays: The columns that are arrays of these.
    """

    name: str
    columns: tuple[str, ...] = field(kw_only=True)
    key: tuple[str, ...] = field(default=(), kw_only=True)
    schema: str | None = field(default=None, kw_only=True)
    attributes: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    enums: Mapping[str, type[Enum]] = field(default_factory=dict, kw_only=True)
    json: tuple[str, ...] = field(default=(), kw_only=True)
    json_arrays: tuple[str, ...] = field(default=(), kw_only=True)

    @cached_property
    def identifier(self) -> sql.Identifier:
        """Return the quoted name, for statements that are run without parameters."""
        return sql.Identifier(*self._names)

    @cached_property
    def quoted_name(self) -> sql.Identifier:
        """Return the quoted name, for statements that are run with parameters."""
        return quote_name(*self._names)

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.schema, self.name) if self.schema else (self.name,)

    @cached_property
    def sql_name(self) -> str:
        """Return the quoted name as text, for functions that take a name: `to_regclass` etc."""
        return self.identifier.as_string(None)

    @cached_property
    def qualified_name(self) -> str:
        """Return the name with its schema, if it has one, for people and as a key."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def is_called(self, name: str) -> bool:
        """Return whether a notification's payload `schema.table` may mean this table."""
        if self.schema:
            return name == self.qualified_name
        return name.endswith(f".{self.name}")

    @cached_property
    def quoted_columns(self) -> sql.Composed:
        """Return all columns, in order, for statements that are run with parameters."""
        return sql.SQL(", ").join(map(quote_name, self.columns))

    @cached_property
    def column_of(self) -> Mapping[str, str]:
        """Return the column of each attribute, in the order of the columns."""
        return {self.attribute(column): column for column in self.columns}

    @cached_property
    def insert_texts(self) -> Callable[[tuple[str, ...]], tuple[bytes, bytes]]:
        """Return a cached function: the text before and after the rows of an INSERT.

        It takes the columns that the INSERT names. To quote them takes longer than everything else
        about inserting one row, so it is done once.
        """
        return lru_cache(maxsize=32)(self._insert_texts)

    def _insert_texts(self, columns: tuple[str, ...]) -> tuple[bytes, bytes]:
        # Not the quoted names: INSERTs have numbered placeholders, and a percent sign stands alone.
        given, all_columns = (
            sql.SQL(", ").join(map(sql.Identifier, names)) for names in (columns, self.columns)
        )
        before = sql.SQL("INSERT INTO {} ({}) VALUES ").format(self.identifier, given)
        after = sql.SQL(" RETURNING {}").format(all_columns)
        return before.as_bytes(None), after.as_bytes(None)

    def attribute(self, column: str) -> str:
        """Return the record's attribute for a column."""
        return self.attributes.get(column, column)
