"""The model of a schema: its tables, columns and types, as immutable values.

Reading Schema.sql and reading the catalogs of a database that ran it give equal models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

BUILTIN_SCHEMA = "pg_catalog"
DEFAULT_SEARCH_PATH = ("public",)

Identity = Literal["always", "by default"]


class QualifiedName(NamedTuple):
    """The name of a table or a type, qualified by its schema."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class TypeRef:
    """The type of a column as it was declared.

    Attributes:
        schema: The schema of the type.
        name: PostgreSQL's own name: `int4`, not `integer`.
        modifiers: The modifiers as format_type() spells them: `(10,2)`, ` day to second(3)`.
        dimensions: The number of declared array brackets, 0 if the type is not an array.
    """

    schema: str
    name: str
    modifiers: str = ""
    dimensions: int = 0

    @property
    def qualified(self) -> QualifiedName:
        """The qualified name of the type; for an array, of its element type."""
        return QualifiedName(self.schema, self.name)

    @property
    def is_builtin(self) -> bool:
        """Whether the type is PostgreSQL's own."""
        return self.schema == BUILTIN_SCHEMA


class Default(NamedTuple):
    """The default of a column: a constant, as text without its type, or a function's name."""

    text: str
    is_function: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or an attribute of a composite type.

    Attributes:
        has_default: Whether it has a DEFAULT or is serial; identity and generated columns
            have none.
        default: What the DEFAULT is; None if it is neither a constant nor a call without arguments.
            Not compared: a server prints some constants in another way than they were written.
    """

    name: str
    type: TypeRef
    not_null: bool = False
    has_default: bool = False
    identity: Identity | None = None
    generated: bool = False
    default: Default | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index of a job table whose only condition is about the job's status.

    Attributes:
        name: The index's name.
        columns: Its columns, in order.
        statuses: The statuses in which it counts a job, sorted; None for all.
    """

    name: str
    columns: tuple[str, ...]
    statuses: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all its columns: inherited ones, and as every ALTER left them.

    `line` is the line of Schema.sql that creates it, counted from 1; None if it was read from a
    database. `unique_indexes` are those of a job table, by name, without those of constraints.
    """

    schema: str
    name: str
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    partition_of: QualifiedName | None = None
    unique_indexes: tuple[UniqueIndex, ...] = ()
    line: int | None = field(default=None, compare=False)

    @property
    def qualified(self) -> QualifiedName:
        """The qualified name of the table."""
        return QualifiedName(self.schema, self.name)

    def column(self, name: str) -> Column | None:
        """Return the column called `name`, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class EnumType:
    """A type of CREATE TYPE … AS ENUM, with its labels in order."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DomainType:
    """A type of CREATE DOMAIN, with what its columns inherit from it."""

    base: TypeRef
    not_null: bool = False
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class CompositeType:
    """A type of CREATE TYPE … AS (…)."""

    attributes: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class RangeType:
    """A type of CREATE TYPE … AS RANGE."""

    subtype: TypeRef


UserType: TypeAlias = EnumType | DomainType | CompositeType | RangeType


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that Schema.sql or a database declares, except the runtime's own objects.

    Attributes:
        tables: The tables by their qualified names.
        types: The user's own types by their qualified names.
        others: Named indexes, sequences and views, which share a namespace with tables.
        search_path: The search_path at the end, which applies to appended statements. Ignored
            when schemas are compared.
        notes: What the user should know, because no server could say what some statements do.
        extension_types: The types of extensions; from a text, those of well-known extensions.
            Ignored when schemas are compared.
    """

    tables: Mapping[QualifiedName, Table] = field(default_factory=lambda: MappingProxyType({}))
    types: Mapping[QualifiedName, UserType] = field(default_factory=lambda: MappingProxyType({}))
    others: frozenset[QualifiedName] = frozenset()
    search_path: tuple[str, ...] = field(default=DEFAULT_SEARCH_PATH, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    extension_types: frozenset[QualifiedName] = field(default=frozenset(), compare=False)

    @property
    def default_schema(self) -> str:
        """The schema in which an unqualified name is created."""
        return (self.search_path or DEFAULT_SEARCH_PATH)[0]

    def find_table(self, name: str) -> Table | None:
        """Return the table that the unqualified `name` refers to, or None."""
        for schema in self.search_path or DEFAULT_SEARCH_PATH:
            if table := self.tables.get(QualifiedName(schema, name)):
                return table
        return None

    def find_type(self, name: str) -> QualifiedName | None:
        """Return the user's or extension's type that the unqualified `name` refers to, or None."""
        for schema in self.search_path or DEFAULT_SEARCH_PATH:
            qualified = QualifiedName(schema, name)
            if qualified in self.types or qualified in self.extension_types:
                return qualified
        return None

    def is_taken(self, name: str) -> bool:
        """Return whether `name`, created unqualified, would clash with a relation."""
        qualified = QualifiedName(self.default_schema, name)
        return qualified in self.tables or qualified in self.others

    def base_type(self, type_: TypeRef) -> TypeRef:
        """Return the type in which the server sends values: a domain's base type."""
        while not type_.dimensions and isinstance(
            domain := self.types.get(type_.qualified), DomainType
        ):
            type_ = domain.base
        return type_

    def is_not_null(self, column: Column) -> bool:
        """Return whether the column or its domain rejects NULL."""
        return column.not_null or any(domain.not_null for domain in self._domains(column.type))

    def is_optional_on_insert(self, column: Column) -> bool:
        """Return whether an INSERT may omit the column even if it is NOT NULL."""
        return (
            column.has_default
            or column.identity is not None
            or column.generated
            or any(domain.has_default for domain in self._domains(column.type))
        )

    def _domains(self, type_: TypeRef) -> list[DomainType]:
        found: list[DomainType] = []
        while not type_.dimensions and isinstance(
            domain := self.types.get(type_.qualified), DomainType
        ):
            found.append(domain)
            type_ = domain.base
        return found
