"""The dashboard's statements: one a file in `sql/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from psycopg import sql


@cache
def statement(name: str) -> sql.SQL:
    """The statement in `sql/<name>.sql`."""
    text = (files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return sql.SQL(text)


def identifier(*names: str) -> sql.Identifier:
    """A quoted name, for statements that are run with parameters.

    In those psycopg takes a percent sign in a name for a placeholder, unless it is doubled.
    """
    return sql.Identifier(*(name.replace("%", "%%") for name in names))
