"""`Table`: a table or view, as the generated records describe it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar

from psycopg import sql

from jobgen_runtime.contract.errors import TypesFileNewer
from jobgen_runtime.table.quoting import quote_name
from jobgen_runtime.table.unique_index import UniqueIndex


class Default(Enum):
    """A default that differs from row to row."""

    UUID7 = auto()
    """A new UUID of version 7."""

    UUID4 = auto()
    """A new UUID of version 4."""

    NOW = auto()
    """The current time."""

    DATABASE = auto()
    """A value that only the database knows: a sequence, a generated column, another function."""


@dataclass(frozen=True, slots=True)
class Now:
    """The current time, rounded as `timestamptz(digits)` rounds it.

    Attributes:
        digits: The number of fractional digits of the seconds, 0 to 6.
    """

    digits: int


def _newer_types_file(unknown: str) -> TypesFileNewer:
    from importlib.metadata import version  # slow to import, and needed for this error only

    return TypesFileNewer(
        f"jobgen-runtime {version('jobgen-runtime')} does not know {unknown} of Table:"
        " Generated/Types.py was written by a newer jobgen.",
        hint="Upgrade jobgen-runtime to the version of jobgen.",
    )


class _TableType(type):
    """Refuses attributes of a newer Types.py, such as a new kind of default."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name):
            if name.startswith("_"):
                raise AttributeError(f"type object 'Table' has no attribute {name!r}")
            raise _newer_types_file(name)


@dataclass(frozen=True)
class Table(metaclass=_TableType):
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
        required: The columns that an INSERT must name: NOT NULL, and without a default.
        defaults: The default of each column that has one and that is not NULL: a value, a
            `Default` or a `Now`. Those of the columns that every job has are left out.
        has_priority: Whether it is the table of a job with a column `priority` (SMALLINT NOT NULL):
            claims then take the highest priority first.
        has_traceparent: Whether it is the table of a job with a column `traceparent` (TEXT), which
            has the context of the span that created the job.
        unique_indexes: Those of a job table whose only condition is about the job's status.
    """

    UUID7: ClassVar = Default.UUID7
    UUID4: ClassVar = Default.UUID4
    NOW: ClassVar = Default.NOW
    now: ClassVar = Now
    DATABASE: ClassVar = Default.DATABASE
    unique: ClassVar = UniqueIndex

    name: str
    columns: tuple[str, ...] = field(kw_only=True)
    key: tuple[str, ...] = field(default=(), kw_only=True)
    schema: str | None = field(default=None, kw_only=True)
    attributes: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    enums: Mapping[str, type[Enum]] = field(default_factory=dict, kw_only=True)
    json: tuple[str, ...] = field(default=(), kw_only=True)
    json_arrays: tuple[str, ...] = field(default=(), kw_only=True)
    required: tuple[str, ...] = field(default=(), kw_only=True)
    defaults: Mapping[str, object] = field(default_factory=dict, kw_only=True)
    has_priority: bool = field(default=False, kw_only=True)
    has_traceparent: bool = field(default=False, kw_only=True)
    unique_indexes: tuple[UniqueIndex, ...] = field(default=(), kw_only=True)

    if not TYPE_CHECKING:

        def __new__(cls, *_arguments, **values):
            """Refuse arguments of a newer Types.py that this version does not know."""
            unknown = [name for name in values if name not in cls.__dataclass_fields__]
            if unknown:
                raise _newer_types_file(", ".join(unknown))
            return super().__new__(cls)

    @cached_property
    def unique_index(self) -> UniqueIndex | None:
        """Return the index that makes a job unique; None if there is none, or several."""
        return self.unique_indexes[0] if len(self.unique_indexes) == 1 else None

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

        It takes the columns that the INSERT names. Quoting them takes longer than the rest of
        inserting one row, so it is done once.
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

    @cached_property
    def update_texts(self) -> Callable[[tuple[str, ...]], tuple[bytes, bytes, bytes]]:
        """Return a cached function: the SET, WHERE and RETURNING clauses of an UPDATE of one row.

        It takes the columns to set. Their values are the first parameters, then the key's follow.
        """
        return lru_cache(maxsize=32)(self._update_texts)

    def _update_texts(self, columns: tuple[str, ...]) -> tuple[bytes, bytes, bytes]:
        set_, where = (
            sql.SQL(separator).join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(f"${number}"))
                for number, name in enumerate(names, start)
            )
            for separator, names, start in (
                (", ", columns, 1),
                (" AND ", self.key, len(columns) + 1),
            )
        )
        all_columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return (
            sql.SQL("UPDATE {} SET {}").format(self.identifier, set_).as_bytes(None),
            sql.SQL(" WHERE {}").format(where).as_bytes(None),
            sql.SQL(" RETURNING {}").format(all_columns).as_bytes(None),
        )

    def attribute(self, column: str) -> str:
        """Return the record's attribute for a column."""
        return self.attributes.get(column, column)
