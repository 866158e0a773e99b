"""The dashboard's statements, one per file in `sql/`."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.dashboard.sql import read


def statement(name: str) -> sql.SQL:
    """Return the statement in `sql/<name>.sql`."""
    return sql.SQL(read(name))
