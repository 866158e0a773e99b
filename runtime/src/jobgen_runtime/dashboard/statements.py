"""The dashboard's statements, one per file in `sql/`."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.dashboard.sql import read


def statement(name: str) -> sql.SQL:
    """Return the statement in `sql/<name>.sql`."""
    return sql.SQL(read(name))


def identifier(*names: str) -> sql.Identifier:
    """Return a quoted name for statements that are run with parameters.

    In those, psycopg takes a percent sign in a name for a placeholder unless it is doubled.
    """
    return sql.Identifier(*(name.replace("%", "%%") for name in names))
