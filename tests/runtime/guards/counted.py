"""A database whose statements are counted."""

from __future__ import annotations

import psycopg

STATEMENTS = """
SELECT query, calls
FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
WHERE datname = %s AND query !~* '^(begin|commit|rollback|start transaction)'
"""


class Counted:
    """A database whose statements are counted, all but those that begin and end transactions."""

    def __init__(self, url: str, admin: psycopg.Connection) -> None:
        self.url = url
        self._name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self._admin = admin

    def reset(self) -> None:
        """Counts from zero."""
        self._admin.execute("SELECT pg_stat_statements_reset()")

    def statements(self) -> dict[str, int]:
        """How often each was run."""
        return dict(self._admin.execute(STATEMENTS, (self._name,)).fetchall())
