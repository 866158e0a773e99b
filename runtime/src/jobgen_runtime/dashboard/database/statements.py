"""The dashboard's statements, one per file in `sql/`."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from jobgen_runtime.dashboard.sql import read


def statement(name: str) -> sql.SQL:
    """Return the statement in `sql/<name>.sql`."""
    return sql.SQL(read(name))


def union(name: str, tables: Sequence[sql.Identifier]) -> sql.Composed:
    """Return the statement in `sql/<name>.sql` for several tables, each with its number from 0."""
    parts = [
        sql.SQL("({})").format(statement(name).format(number=sql.Literal(number), table=table))
        for number, table in enumerate(tables)
    ]
    return sql.SQL(" UNION ALL ").join(parts)
