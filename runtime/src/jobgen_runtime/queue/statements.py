"""Statements of `sql/` with a table's names filled in."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.table import Table, compose

Name = str
"""A statement's file in `sql/`, without its ending."""


class Names:
    """Fills a table's names into statements, each once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._filled: dict[tuple[str, ...], bytes] = {}

    def fill(self, name: Name, **more: sql.Composable) -> bytes:
        """The statement for this table; `more` fills what is special to it."""
        key = (name, *(value.as_string(None) for value in more.values()))
        if key not in self._filled:
            self._filled[key] = self.compose(name, **more).as_bytes(None)
        return self._filled[key]

    def compose(self, name: Name, **more: sql.Composable) -> sql.Composed:
        """Like `fill`, to be put together with others."""
        return compose(self.table, name, **more)
