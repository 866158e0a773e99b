"""Statements of `sql/` with a table's names filled in."""

from __future__ import annotations

from psycopg import sql

from jobgen_runtime.queue.endings import NO_ENDINGS, Endings
from jobgen_runtime.table import Table, compose

Name = str
"""A statement's file in `sql/`, without the suffix."""


class Names:
    """Fill a table's names into statements, and cache the results."""

    def __init__(self, table: Table, endings: Endings = NO_ENDINGS) -> None:
        self.table = table
        self.endings = endings
        self._filled: dict[tuple[str, ...], bytes] = {}

    def fill(self, name: Name, **more: sql.Composable) -> bytes:
        """Return the statement for this table; `more` fills its further placeholders."""
        key = (name, *(value.as_string(None) for value in more.values()))
        if key not in self._filled:
            self._filled[key] = self.compose(name, **more).as_bytes(None)
        return self._filled[key]

    def compose(self, name: Name, **more: sql.Composable) -> sql.Composed:
        """Return the statement as an object that can be combined with others."""
        return compose(self.table, name, **self.endings.parts(self.table, name), **more)
