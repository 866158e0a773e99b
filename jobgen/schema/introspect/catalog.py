"""Reads a database's catalogs into the `Schema` that reading its Schema.sql gives."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from jobgen.schema.introspect.sql import read
from jobgen.schema.model import (
    Column,
    CompositeType,
    DomainType,
    EnumType,
    Identity,
    QualifiedName,
    RangeType,
    Schema,
    Table,
    TypeRef,
    UniqueIndex,
    UserType,
)
from jobgen.schema.parse.defaults import read_default_text
from jobgen.schema.parse.unique_indexes import OtherCondition, read_statuses_of_text
from jobgen.schema.runtime_objects import is_runtime_object

_IDENTITIES: dict[str, Identity] = {"a": "always", "d": "by default"}
_MODIFIERS = re.compile(r'\([^()"]*\)(?=(?: with(?:out)? time zone)?$)')


def read_catalog(conn: psycopg.Connection[Any]) -> Schema:
    """Return the schema of a database on PostgreSQL 14 or later.

    Objects of the runtime and of extensions are left out. The search_path is the connection's.

    Raises:
        psycopg.Error: The catalogs cannot be read.
    """
    columns, unique_indexes = _columns(conn), _unique_indexes(conn)
    tables: dict[QualifiedName, Table] = {}
    for oid, schema, name, parent_schema, parent, key in _rows(conn, "tables"):
        qualified = QualifiedName(schema, name)
        if not is_runtime_object(qualified):
            tables[qualified] = Table(
                schema=schema,
                name=name,
                columns=tuple(columns[oid]),
                primary_key=tuple(key),
                partition_of=QualifiedName(parent_schema, parent) if parent else None,
                unique_indexes=tuple(unique_indexes[oid]),
            )
    types = {
        name: type_ for name, type_ in _types(conn, columns).items() if not is_runtime_object(name)
    }
    others = (QualifiedName(*row) for row in _rows(conn, "others"))
    return Schema(
        tables=MappingProxyType(dict(sorted(tables.items()))),
        types=MappingProxyType(dict(sorted(types.items()))),
        others=frozenset(name for name in others if not is_runtime_object(name)),
        search_path=tuple(_search_path(conn)),
        extension_types=frozenset(QualifiedName(*row) for row in _rows(conn, "extension_types")),
    )


def _rows(conn: psycopg.Connection[Any], statement: str) -> list[tuple[Any, ...]]:
    return conn.cursor(row_factory=tuple_row).execute(read(statement).encode()).fetchall()


def _search_path(conn: psycopg.Connection[Any]) -> list[str]:
    """Return the schemas that PostgreSQL searches for an unqualified name."""
    cursor = conn.cursor(row_factory=tuple_row)
    row = cursor.execute("SELECT pg_catalog.current_schemas(false)::text[]").fetchone()
    return [] if row is None else list(row[0])


def _columns(conn: psycopg.Connection[Any]) -> defaultdict[int, list[Column]]:
    """Return the columns of each table and composite type, by its OID."""
    columns: defaultdict[int, list[Column]] = defaultdict(list)
    for row in _rows(conn, "columns"):
        oid, name, *type_, not_null, has_default, identity, generated, expression = row
        columns[oid].append(
            Column(
                name=name,
                type=_type_ref(*type_),
                not_null=not_null,
                has_default=has_default,
                default=read_default_text(expression) if has_default else None,
                identity=_IDENTITIES.get(identity),
                generated=generated,
            )
        )
    return columns


def _unique_indexes(conn: psycopg.Connection[Any]) -> defaultdict[int, list[UniqueIndex]]:
    """Return the unique indexes of each job table, by the table's OID."""
    indexes: defaultdict[int, list[UniqueIndex]] = defaultdict(list)
    for oid, name, columns, condition in _rows(conn, "unique_indexes"):
        with suppress(OtherCondition):
            statuses = read_statuses_of_text(condition)
            indexes[oid].append(UniqueIndex(name, tuple(columns), statuses))
    return indexes


def _types(
    conn: psycopg.Connection[Any], columns: defaultdict[int, list[Column]]
) -> dict[QualifiedName, UserType]:
    types: dict[QualifiedName, UserType] = {}
    for row in _rows(conn, "types"):
        kind, schema, name, relation, labels, *base, not_null, has_default = row
        qualified = QualifiedName(schema, name)
        match kind:
            case "e":
                types[qualified] = EnumType(tuple(labels))
            case "d":
                types[qualified] = DomainType(_type_ref(*base), not_null, has_default)
            case "c":
                types[qualified] = CompositeType(tuple(columns[relation]))
            case _:
                types[qualified] = RangeType(_type_ref(*base))
    return types


def _type_ref(schema: str, name: str, dimensions: int, formatted: str) -> TypeRef:
    if name == "interval":
        modifiers = formatted.removeprefix("interval")
    else:
        found = _MODIFIERS.search(formatted)
        modifiers = found[0] if found else ""
    return TypeRef(schema, name, modifiers, dimensions)
