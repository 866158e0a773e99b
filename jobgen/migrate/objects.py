"""The objects of a database as its system catalogs describe them: values that can be compared.

All names and definitions are the server's own text, quoted and qualified by it, and read with
the schema of the jobs as the only schema in the search path. Two of them are therefore equal
exactly where the objects are, and each can be used in SQL unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

Node = tuple[str, int, int]
"""An object's address in pg_depend: its catalog, its oid, and its column number, 0 for all."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `generated` is "", "s" or "v"; `identity` is "", "a" or "d"."""

    table_name: str
    table_oid: int
    number: int
    name: str
    type: str
    collation: str | None
    expression: str | None
    not_null: bool
    identity: str
    generated: str

    @property
    def node(self) -> Node:
        """The column's address in pg_depend."""
        return ("pg_class", self.table_oid, self.number)

    @property
    def has_value_for_existing_rows(self) -> bool:
        """Whether rows that exist when the column is added get a value."""
        return self.expression is not None or bool(self.identity)


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its columns. `bound` and `partition_of` are set for a partition."""

    oid: int
    name: str
    partitioned: bool
    persistence: str
    partition_key: str | None
    partition_of: str | None
    bound: str | None
    inherits: str | None
    options: str | None
    row_security: bool
    force_row_security: bool

    @property
    def node(self) -> Node:
        """The table's address in pg_depend."""
        return ("pg_class", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table. `type` is p, u, x, c or f, as in pg_constraint."""

    oid: int
    table_name: str
    name: str
    type: str
    definition: str
    index_definition: str | None
    partitioned: bool

    @property
    def node(self) -> Node:
        """The constraint's address in pg_depend."""
        return ("pg_constraint", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Index:
    """An index that belongs to no constraint. `table_kind` is r, p or m, as in pg_class."""

    oid: int
    name: str
    table_name: str
    plain_name: str
    definition: str
    valid: bool
    table_kind: str
    in_progress: bool

    @property
    def node(self) -> Node:
        """The index's address in pg_depend."""
        return ("pg_class", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum type and its labels in order."""

    oid: int
    name: str
    labels: tuple[str, ...]

    @property
    def node(self) -> Node:
        """The type's address in pg_depend."""
        return ("pg_type", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence. `owner` is the column that it is dropped with."""

    oid: int
    name: str
    definition: str
    owner_oid: int | None
    owner: str | None

    @property
    def node(self) -> Node:
        """The sequence's address in pg_depend."""
        return ("pg_class", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Definition:
    """An object that its definition describes completely, such as an extension, view or trigger.

    `kind` is the word after DROP. `table_name` is set for an object that belongs to a table.
    `permissive` has a meaning for policies only.
    """

    kind: str
    node: Node
    name: str
    definition: str
    table_name: str | None = None
    permissive: bool = True
