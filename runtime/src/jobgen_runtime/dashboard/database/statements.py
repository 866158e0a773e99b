"""The dashboard's statements, one per file in `sql/`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from psycopg import sql

from jobgen_runtime.dashboard.sql import read


def statement(name: str) -> sql.SQL:
    """Return the statement in `sql/<name>.sql`."""
    return sql.SQL(read(name))


def union(name: str, tables: Sequence[sql.Identifier]) -> bytes:
    """Return the statement in `sql/<name>.sql` for several tables, each with its number from 0."""
    return _union(name, tuple(table.as_string(None) for table in tables))


@lru_cache(maxsize=64)
def _union(name: str, tables: tuple[str, ...]) -> bytes:
    """Return the statement for quoted names: composing it may take longer than running it."""
    lines = read(name).splitlines(keepends=True)
    comments = [line for line in lines if line.startswith("--")]
    query = "".join(line for line in lines if not line.startswith("--"))
    parts = [f"({query.format(number=number, table=table)})" for number, table in enumerate(tables)]
    return "".join([*comments, " UNION ALL ".join(parts)]).encode()
