"""What a database holds, as its catalogs say it: values that can be compared.

All names and definitions are the server's own texts, quoted and qualified by it, read
under a search path of the one schema that the jobs are in: they compare as texts, and can
stand in SQL as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Node = tuple[str, int, int]
"""An object as pg_depend knows it: catalog, oid, and the column's number or 0 for the whole."""


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
        return ("pg_class", self.table_oid, self.number)

    @property
    def fills_itself(self) -> bool:
        """Whether rows that are there already get a value."""
        return self.expression is not None or bool(self.identity)


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its columns; `bound` and `partition_of` are a partition's."""

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
        return ("pg_constraint", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no constraint owns; `table_kind` is r, p or m, as in pg_class."""

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
        return ("pg_class", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum type and its labels in order."""

    oid: int
    name: str
    labels: tuple[str, ...]

    @property
    def node(self) -> Node:
        return ("pg_type", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence; `owner` is the column that it is dropped with."""

    oid: int
    name: str
    definition: str
    owner_oid: int | None
    owner: str | None

    @property
    def node(self) -> Node:
        return ("pg_class", self.oid, 0)


@dataclass(frozen=True, slots=True)
class Definition:
    """An object that its definition says all about: an extension, function, view, trigger, ….

    `kind` is the word of its DROP; `table_name` is set for what belongs to a table;
    `permissive` only matters for policies.
    """

    kind: str
    node: Node
    name: str
    definition: str
    table_name: str | None = None
    permissive: bool = True


@dataclass(frozen=True, slots=True)
class Catalog:
    """One database. The keys are names; those of a table's parts are (table, name)."""

    tables: Mapping[str, Table]
    columns: Mapping[tuple[str, str], Column]
    constraints: Mapping[tuple[str, str], Constraint]
    indexes: Mapping[str, Index]
    enums: Mapping[str, Enum]
    sequences: Mapping[str, Sequence]
    definitions: Mapping[tuple[str, str, str], Definition]
    others: frozenset[tuple[str, str]]
    needs: Mapping[tuple[str, int], tuple[tuple[int, Node], ...]]
    """Of each object, by (catalog, oid): its column or 0, and what that needs."""
    aliases: Mapping[tuple[str, int], Node]
    """Of objects that are made with another: that other."""
