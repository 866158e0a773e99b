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
