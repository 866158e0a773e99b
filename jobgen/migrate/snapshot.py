"""The objects of one database at one moment, read from its system catalogs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row, tuple_row

from jobgen.migrate.objects import (
    Column,
    Constraint,
    Definition,
    Enum,
    Index,
    Node,
    Sequence,
    Table,
)
from jobgen.migrate.sql import read

Connection = psycopg.Connection[tuple[object, ...]]
Row = TypeVar("Row")

# By the statement that lists the objects: their catalog, and the word after DROP where the rows
# have none.
_DEFINITIONS = {
    "schemas": ("pg_namespace", "SCHEMA"),
    "extensions": ("pg_extension", "EXTENSION"),
    "types": ("pg_type", "TYPE"),
    "functions": ("pg_proc", ""),
    "views": ("pg_class", ""),
    "triggers": ("pg_trigger", "TRIGGER"),
    "policies": ("pg_policy", "POLICY"),
}


@dataclass(frozen=True, slots=True)
class DatabaseSnapshot:
    """The objects of one database. Keys are names, for parts of a table (table, name).

    Attributes:
        others: Kind and name of objects that are not compared by their definition.
        needs: By (catalog, oid) of an object, the column (0 for the whole) and what that needs.
        aliases: By (catalog, oid) of an object that is created together with another, the other.
    """

    tables: Mapping[str, Table]
    columns: Mapping[tuple[str, str], Column]
    constraints: Mapping[tuple[str, str], Constraint]
    indexes: Mapping[str, Index]
    enums: Mapping[str, Enum]
    sequences: Mapping[str, Sequence]
    definitions: Mapping[tuple[str, str, str], Definition]
    others: frozenset[tuple[str, str]]
    needs: Mapping[tuple[str, int], tuple[tuple[int, Node], ...]]
    aliases: Mapping[tuple[str, int], Node]


def take_snapshot(conn: Connection, schema: str) -> DatabaseSnapshot:
    """Read the objects of a database in one transaction, with `schema` as the search path."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
        needs, aliases = _dependencies(conn)
        return DatabaseSnapshot(
            tables={table.name: table for table in _rows(conn, "tables", Table)},
            columns={(c.table_name, c.name): c for c in _rows(conn, "columns", Column)},
            constraints={(c.table_name, c.name): c for c in _rows(conn, "constraints", Constraint)},
            indexes={index.name: index for index in _rows(conn, "indexes", Index)},
            enums={
                name: Enum(oid, name, tuple(labels)) for oid, name, labels in _tuples(conn, "enums")
            },
            sequences={sequence.name: sequence for sequence in _rows(conn, "sequences", Sequence)},
            definitions={
                (found.kind, found.table_name or "", found.name): found
                for name in _DEFINITIONS
                for found in _definitions(conn, name)
            },
            others=frozenset(_tuples(conn, "others")),
            needs=needs,
            aliases=aliases,
        )


def _rows(conn: Connection, name: str, shape: type[Row]) -> list[Row]:
    return conn.cursor(row_factory=class_row(shape)).execute(read(name).encode()).fetchall()


def _tuples(conn: Connection, name: str) -> list[tuple[Any, ...]]:
    return conn.cursor(row_factory=tuple_row).execute(read(name).encode()).fetchall()


def _definitions(conn: Connection, name: str) -> list[Definition]:
    catalog, kind = _DEFINITIONS[name]
    return [
        Definition(
            kind=row.get("kind") or kind,
            node=(catalog, row["oid"], 0),
            name=row["name"],
            definition=row["definition"],
            table_name=row.get("table_name"),
            permissive=row.get("permissive", True),
        )
        for row in conn.cursor(row_factory=dict_row).execute(read(name).encode())
    ]


def _dependencies(
    conn: Connection,
) -> tuple[dict[tuple[str, int], tuple[tuple[int, Node], ...]], dict[tuple[str, int], Node]]:
    aliases: dict[tuple[str, int], Node] = {
        (kind, oid): (owner_kind, owner, sub)
        for kind, oid, owner_kind, owner, sub in _tuples(conn, "aliases")
    }
    needs: dict[tuple[str, int], list[tuple[int, Node]]] = defaultdict(list)
    for kind, oid, sub, needed_kind, needed, needed_sub in _tuples(conn, "dependencies"):
        needs[kind, oid].append((sub, (needed_kind, needed, needed_sub)))
        # An owner needs whatever its alias needs.
        owner = aliases.get((kind, oid))
        if owner is not None:
            needs[owner[0], owner[1]].append((owner[2], (needed_kind, needed, needed_sub)))
    return {key: tuple(values) for key, values in needs.items()}, aliases
