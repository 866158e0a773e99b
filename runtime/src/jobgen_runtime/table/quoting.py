"""Quote names for statements that are run with parameters.

In those, the driver takes every percent sign for the start of a placeholder, unless it is doubled.
"""

from __future__ import annotations

from psycopg import sql
from psycopg.types.string import StrDumper


def quote_name(*names: str) -> sql.Identifier:
    """Return a quoted name, with its schema if there are two."""
    return sql.Identifier(*map(_escape, names))


def quote_text(text: str) -> sql.SQL:
    """Return a string literal, independent of the application's adapters for strings."""
    return sql.SQL(bytes(StrDumper(str).quote(_escape(text))).decode())


def _escape(text: str) -> str:
    return text.replace("%", "%%")
