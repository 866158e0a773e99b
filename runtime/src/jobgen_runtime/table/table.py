"""What a record knows of its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache

from psycopg import sql


@dataclass(frozen=True)
class Table:
    """A table or view of the database, as `Generated/Types.py` states it.

    `columns` are the names in the database, in order; `key` is the primary key; `attributes` gives
    the attribute of each column where the two differ; `enums` the Enum class of each column that
    is an enum or an array of one; `json` and `json_arrays` name the columns that are json or
    jsonb, and arrays of them. Without `schema` the table is found by search_path.
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
        """The quoted name, as statements need it."""
        return sql.Identifier(*((self.schema,) if self.schema else ()), self.name)

    @cached_property
    def sql_name(self) -> str:
        """The quoted name as text, for what takes a name as a value: `to_regclass` and the like."""
        return self.identifier.as_string(None)

    @cached_property
    def qualified_name(self) -> str:
        """The name for people."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def is_called(self, name: str) -> bool:
        """Whether a notification's `schema.table` may mean this table."""
        schema, _, table = name.partition(".")
        return table == self.name and self.schema in (None, schema)

    @cached_property
    def column_list(self) -> sql.Composed:
        """All columns, quoted, in order."""
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    @cached_property
    def column_of(self) -> Mapping[str, str]:
        """The column of each attribute, in the columns' order."""
        return {self.attribute(column): column for column in self.columns}

    @cached_property
    def insert_texts(self) -> Callable[[tuple[str, ...]], tuple[bytes, bytes]]:
        """What stands before and after the rows of an INSERT that gives those columns.

        Quoting them takes longer than all else that is done here for one row, so it is done once.
        """
        return lru_cache(maxsize=32)(self._insert_texts)

    def _insert_texts(self, columns: tuple[str, ...]) -> tuple[bytes, bytes]:
        given = sql.SQL(", ").join(map(sql.Identifier, columns))
        before = sql.SQL("INSERT INTO {} ({}) VALUES ").format(self.identifier, given)
        after = sql.SQL(" RETURNING {}").format(self.column_list)
        return before.as_bytes(None), after.as_bytes(None)

    def attribute(self, column: str) -> str:
        """The attribute that holds the column."""
        return self.attributes.get(column, column)
