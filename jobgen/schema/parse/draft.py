"""The schema while it is being read; each statement changes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from jobgen.schema.builtin_types import BUILTIN_TYPES
from jobgen.schema.extension_types import EXTENSION_TYPES
from jobgen.schema.model import (
    BUILTIN_SCHEMA,
    DEFAULT_SEARCH_PATH,
    Column,
    CompositeType,
    DomainType,
    QualifiedName,
    RangeType,
    Schema,
    Table,
    TypeRef,
    UniqueIndex,
    UserType,
)
from jobgen.schema.parse.tree import Node, relation_parts, strings, type_modifiers
from jobgen.schema.parse.unique_indexes import may_be_job_table
from jobgen.schema.runtime_objects import is_runtime_object


class Unresolved(Exception):
    """A question that the text alone does not answer, at byte `location` of the statements."""

    def __init__(self, reason: str, location: int) -> None:
        """Describe the question; `location` is a byte offset."""
        super().__init__(reason)
        self.reason = reason
        self.location = location


@dataclass(slots=True)
class TableDraft:
    """A table while statements change it.

    `local` are the columns that the table declares itself (attislocal); they stay when a parent
    drops its column. `inherited_not_null` are those that are NOT NULL because a parent's is, and
    for no other reason.
    """

    name: QualifiedName
    location: int
    columns: dict[str, Column] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    inherited_not_null: set[str] = field(default_factory=set)
    primary_key: tuple[str, ...] = ()
    primary_key_constraint: str = ""
    parents: list[QualifiedName] = field(default_factory=list)
    is_partition: bool = False
    of_type: QualifiedName | None = None

    def set_primary_key(self, columns: tuple[str, ...], constraint: str | None) -> None:
        """Make `columns` the primary key, and NOT NULL."""
        self.primary_key = columns
        self.primary_key_constraint = constraint or f"{self.name.name}_pkey"
        for name in columns:
            if name in self.columns and not self.columns[name].not_null:
                self.change(name, not_null=True)

    def change(self, column: str, **values: Any) -> None:
        """Replace fields of a column; ignored if the table has no such column."""
        if column in self.columns:
            self.columns[column] = replace(self.columns[column], **values)

    def rename_column(self, old: str, new: str) -> None:
        """Rename a column and keep its position."""
        self.columns = {
            new if name == old else name: replace(column, name=new) if name == old else column
            for name, column in self.columns.items()
        }
        self.primary_key = tuple(new if name == old else name for name in self.primary_key)
        self.local = {new if name == old else name for name in self.local}
        self.inherited_not_null = {new if name == old else name for name in self.inherited_not_null}


@dataclass(frozen=True, slots=True)
class OtherDraft:
    """A named index, sequence or view.

    `table` and `columns` are those of an index: it is dropped with its table, and a primary key
    can be made from it. `is_unique` is set for a unique index of columns whose only condition is
    about the `statuses`; None stands for no condition.
    """

    table: QualifiedName | None = None
    columns: tuple[str, ...] = ()
    is_unique: bool = False
    statuses: tuple[str, ...] | None = None


@dataclass(slots=True)
class Draft:
    """The objects that exist after the statements read so far.

    Attributes:
        offset: The byte of the text from which locations in the current statement count.
        temporary: The names of temporary tables, which hide others.
        extensions: The schema of each extension.
        job_tables: The byte offsets of the names of those tables whose nine job columns were
            blanked before parsing.
    """

    tables: dict[QualifiedName, TableDraft] = field(default_factory=dict)
    types: dict[QualifiedName, UserType] = field(default_factory=dict)
    others: dict[QualifiedName, OtherDraft] = field(default_factory=dict)
    temporary: set[str] = field(default_factory=set)
    extensions: dict[str, str] = field(default_factory=dict)
    search_path: tuple[str, ...] = DEFAULT_SEARCH_PATH
    offset: int = 0
    job_tables: frozenset[int] = frozenset()

    def new_name(self, parts: list[str]) -> QualifiedName:
        """Return the qualified name of an object that a CREATE statement names."""
        if len(parts) > 1:
            return QualifiedName(parts[-2], parts[-1])
        return QualifiedName((self.search_path or DEFAULT_SEARCH_PATH)[0], parts[-1])

    def _candidates(self, parts: list[str]) -> list[QualifiedName]:
        if len(parts) > 1:
            return [QualifiedName(parts[-2], parts[-1])]
        path = self.search_path or DEFAULT_SEARCH_PATH
        return [QualifiedName(schema, parts[-1]) for schema in path]

    def find_table(self, parts: list[str]) -> TableDraft | None:
        """Return the table that a statement refers to, or None; also for a temporary table."""
        if len(parts) == 1 and parts[0] in self.temporary:
            return None
        found = (self.tables.get(name) for name in self._candidates(parts))
        return next(filter(None, found), None)

    def find_type(self, parts: list[str]) -> QualifiedName | None:
        """Return the user's type that a statement refers to, or None."""
        return next((name for name in self._candidates(parts) if name in self.types), None)

    def find_other(self, parts: list[str]) -> QualifiedName | None:
        """Return the index, sequence or view that a statement refers to, or None."""
        return next((name for name in self._candidates(parts) if name in self.others), None)

    def require_table(self, relation: Node) -> TableDraft:
        """Return the table that a statement takes columns from.

        Raises:
            Unresolved: There is no such table.
        """
        parts = relation_parts(relation)
        if table := self.find_table(parts):
            return table
        raise Unresolved(f'table "{".".join(parts)}" does not exist', relation.get("location", 0))

    def type_ref(self, type_name: Node) -> TypeRef:
        """Return the type that a TypeName node refers to."""
        parts = strings(type_name["names"])
        dimensions = len(type_name.get("arrayBounds", ()))
        name = parts[-1]
        if len(parts) == 1 and name.startswith("_") and name[1:] in BUILTIN_TYPES:
            name, dimensions = name[1:], max(dimensions, 1)
        if parts[0] == BUILTIN_SCHEMA or (len(parts) == 1 and name in BUILTIN_TYPES):
            return TypeRef(BUILTIN_SCHEMA, name, type_modifiers(type_name, name), dimensions)
        found = self.find_type(parts)
        if found is None and (table := self.find_table(parts)):
            found = table.name
        if found is None and self.extensions:
            found = next(filter(self.extension_types().__contains__, self._candidates(parts)), None)
        qualified = found or self.new_name(parts)
        modifiers = type_modifiers(type_name, name)
        return TypeRef(qualified.schema, qualified.name, modifiers, dimensions)

    def extension_types(self) -> frozenset[QualifiedName]:
        """Return the types of the extensions, as far as they are known."""
        return frozenset(
            QualifiedName(schema, name)
            for extension, schema in self.extensions.items()
            for name in EXTENSION_TYPES.get(extension, ())
        )

    def parents(self, table: TableDraft) -> list[TableDraft]:
        """Return the tables that this one inherits from, or is a partition of."""
        return [self.tables[name] for name in table.parents if name in self.tables]

    def children(self, table: TableDraft) -> list[TableDraft]:
        """Return the tables that inherit from this one directly, partitions included."""
        return [other for other in self.tables.values() if table.name in other.parents]

    def with_descendants(self, table: TableDraft) -> Iterator[TableDraft]:
        """Yield the table and all tables that inherit from it, partitions included."""
        yield table
        for child in self.children(table):
            yield from self.with_descendants(child)

    def drop_table(self, name: QualifiedName) -> None:
        """Drop a table, its partitions, the tables that inherit from it, and its indexes."""
        self.tables.pop(name, None)
        self.drop_users_of_type(name)
        for index in [key for key, index in self.others.items() if index.table == name]:
            del self.others[index]
        for child in [other.name for other in self.tables.values() if name in other.parents]:
            self.drop_table(child)

    def rename_column(self, table: TableDraft, old: str, new: str) -> None:
        """Rename a column of a table, also in its indexes."""
        table.rename_column(old, new)
        for name, index in self.others.items():
            if index.table == table.name:
                columns = tuple(new if column == old else column for column in index.columns)
                self.others[name] = replace(index, columns=columns)

    def drop_users_of_type(self, name: QualifiedName) -> None:
        """Drop the columns, attributes, domains and ranges that a type or row type is used for."""
        for table in self.tables.values():
            for column in [c.name for c in table.columns.values() if c.type.qualified == name]:
                del table.columns[column]
        for user, type_ in list(self.types.items()):
            match type_:
                case DomainType(base=used) | RangeType(subtype=used) if used.qualified == name:
                    self.types.pop(user, None)
                    self.drop_users_of_type(user)
                case CompositeType(attributes):
                    kept = tuple(each for each in attributes if each.type.qualified != name)
                    self.types[user] = CompositeType(kept)
                case _:
                    pass

    def rename_table(self, old: QualifiedName, new: QualifiedName) -> None:
        """Change the name or schema of a table, also where others refer to it."""
        table = self.tables.pop(old)
        table.name = new
        self.tables[new] = table
        for child in self.tables.values():
            child.parents = [new if parent == old else parent for parent in child.parents]
        for name, index in self.others.items():
            if index.table == old:
                self.others[name] = replace(index, table=new)

    def rename_type(self, old: QualifiedName, new: QualifiedName) -> None:
        """Change the name or schema of a type, also where columns use it."""
        if old in self.types:
            self.types[new] = self.types.pop(old)
        for table in self.tables.values():
            if table.of_type == old:
                table.of_type = new
            for column in table.columns.values():
                if column.type.qualified == old:
                    moved = replace(column.type, schema=new.schema, name=new.name)
                    table.change(column.name, type=moved)

    def schema(self, line_of: dict[int, int]) -> Schema:
        """Return the finished model; `line_of` maps each table's location to its line."""
        tables = {
            name: Table(
                schema=name.schema,
                name=name.name,
                columns=tuple(table.columns.values()),
                primary_key=table.primary_key,
                partition_of=table.parents[0] if table.is_partition else None,
                unique_indexes=() if table.is_partition else self._unique_indexes(name),
                line=line_of[table.location],
            )
            for name, table in sorted(self.tables.items())
            if not is_runtime_object(name)
        }
        types = {k: v for k, v in sorted(self.types.items()) if not is_runtime_object(k)}
        return Schema(
            tables=MappingProxyType(tables),
            types=MappingProxyType(types),
            others=frozenset(name for name in self.others if not is_runtime_object(name)),
            search_path=self.search_path,
            extension_types=self.extension_types(),
        )

    def _unique_indexes(self, table: QualifiedName) -> tuple[UniqueIndex, ...]:
        if not may_be_job_table(table.name):
            return ()
        return tuple(
            UniqueIndex(name.name, index.columns, index.statuses)
            for name, index in sorted(self.others.items())
            if index.table == table and index.is_unique
        )
