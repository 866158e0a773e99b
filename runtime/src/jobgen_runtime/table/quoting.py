"""Quote names for statements that are run with parameters.

In those, the driver takes every percent sign for the start of a placeholder, unless it is doubled.
"""

from __future__ import annotations

from psycopg import sql


def quote_name(*names: str) -> sql.Identifier:
    """Return a quoted name, with its schema if there are two."""
    return sql.Identifier(*map(_escape, names))


def quote_text(text: str) -> sql.Literal:
    """Return a string literal."""
    return sql.Literal(_escape(text))


def _escape(text: str) -> str:
    return text.replace("%", "%%")
