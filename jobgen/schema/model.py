"""What Schema.sql or a database declares: tables, columns and types, as immutable values.

The reader of the text and the reader of the catalogs give equal models of equal schemas.
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
    """The name of a table or a type in its schema."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class TypeRef:
    """The type of a column as it was declared.

    `name` is PostgreSQL's own (`int4`, not `integer`). `modifiers` are spelled as format_type()
    does: `(10,2)`, ` day to second(3)`. `dimensions` counts the declared brackets, 0 for no array.
    """

    schema: str
    name: str
    modifiers: str = ""
    dimensions: int = 0

    @property
    def qualified(self) -> QualifiedName:
        """The name of the type (of an array: of its elements)."""
        return QualifiedName(self.schema, self.name)

    @property
    def is_builtin(self) -> bool:
        """Whether PostgreSQL itself has the type."""
        return self.schema == BUILTIN_SCHEMA


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `has_default` is true of DEFAULT and serial, not of identity or generated."""

    name: str
    type: TypeRef
    not_null: bool = False
    has_default: bool = False
    identity: Identity | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table, with the columns that it has after every ALTER and inherited ones.

    `line` is where Schema.sql creates it, counted from 1; None when a database was read.
    """

    schema: str
    name: str
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    partition_of: QualifiedName | None = None
    line: int | None = field(default=None, compare=False)

    @property
    def qualified(self) -> QualifiedName:
        """The table's name in its schema."""
        return QualifiedName(self.schema, self.name)

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class EnumType:
    """CREATE TYPE … AS ENUM: the labels in their order."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DomainType:
    """CREATE DOMAIN: what it is over, and what a column of it gets from it."""

    base: TypeRef
    not_null: bool = False
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class CompositeType:
    """CREATE TYPE … AS (…)."""

    attributes: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class RangeType:
    """CREATE TYPE … AS RANGE."""

    subtype: TypeRef


UserType: TypeAlias = EnumType | DomainType | CompositeType | RangeType


@dataclass(frozen=True, slots=True)
class Schema:
    """All that is declared, the runtime's own objects left out.

    `others` are the names in the tables' namespace that are no tables: indexes, sequences and
    views that were given a name. `search_path` is the one in force at the end, for what is
    appended there; it has no say in equality.
    """

    tables: Mapping[QualifiedName, Table] = field(default_factory=lambda: MappingProxyType({}))
    types: Mapping[QualifiedName, UserType] = field(default_factory=lambda: MappingProxyType({}))
    others: frozenset[QualifiedName] = frozenset()
    search_path: tuple[str, ...] = field(default=DEFAULT_SEARCH_PATH, compare=False)

    @property
    def default_schema(self) -> str:
        """Where an unqualified name is created."""
        return (self.search_path or DEFAULT_SEARCH_PATH)[0]

    def find_table(self, name: str) -> Table | None:
        """The table that the unqualified `name` means."""
        for schema in self.search_path or DEFAULT_SEARCH_PATH:
            if table := self.tables.get(QualifiedName(schema, name)):
                return table
        return None

    def find_type(self, name: str) -> QualifiedName | None:
        """The user's own type that the unqualified `name` means."""
        for schema in self.search_path or DEFAULT_SEARCH_PATH:
            if (qualified := QualifiedName(schema, name)) in self.types:
                return qualified
        return None

    def is_taken(self, name: str) -> bool:
        """Whether a table, an index, a sequence or a view is called so where it would be made."""
        qualified = QualifiedName(self.default_schema, name)
        return qualified in self.tables or qualified in self.others

    def base_type(self, type_: TypeRef) -> TypeRef:
        """The type that a value has on its way to the client: domains are their base."""
        while not type_.dimensions and isinstance(
            domain := self.types.get(type_.qualified), DomainType
        ):
            type_ = domain.base
        return type_

    def is_not_null(self, column: Column) -> bool:
        """Whether the column, or a domain that it is of, refuses NULL."""
        return column.not_null or any(domain.not_null for domain in self._domains(column.type))

    def fills_itself(self, column: Column) -> bool:
        """Whether an INSERT may leave the column out although it is NOT NULL."""
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
