"""A database whose statements are counted, so that tests need no stopwatch."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.support.waiting import wait_for

_STATEMENTS = """
SELECT query, calls
FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
WHERE datname = %s AND query !~* '^(begin|commit|rollback|start transaction)'
"""
_HEARTBEAT = "heartbeat_at = NOW()"
_RESCUE = "WHERE worker.id = job.locked_by"
"""Every third heartbeat looks for rows of workers that are not registered."""


class CountedDatabase:
    """A database with a count of each statement, except those that begin and end transactions."""

    def __init__(self, url: str, admin: psycopg.Connection) -> None:
        """`admin` is a connection to another database of the server."""
        self.url = url
        self._name = conninfo_to_dict(url)["dbname"]
        self._admin = admin
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def reset(self) -> None:
        """Count from zero."""
        self._admin.execute("SELECT pg_stat_statements_reset()")

    def statements(self) -> dict[str, int]:
        """Return how often each statement was run."""
        return dict(self._admin.execute(_STATEMENTS, (self._name,)).fetchall())

    def heartbeats(self) -> int:
        """Return how many heartbeats there were, of all workers."""
        return sum(n for query, n in self.statements().items() if _HEARTBEAT in query)

    def other_statements(self) -> dict[str, int]:
        """Return how often each statement was run, without those of heartbeats."""
        return {
            query: n
            for query, n in self.statements().items()
            if _HEARTBEAT not in query and _RESCUE not in query
        }

    def wait_for_heartbeats(self, number: int) -> None:
        """Wait until there were that many more heartbeats: as much time as they take has passed."""
        seen = self.heartbeats()
        wait_for(lambda: self.heartbeats() >= seen + number, f"{number} heartbeats")

    def wait_until_quiet(self, heartbeats: int) -> None:
        """Wait until workers send nothing else while they send that many heartbeats."""
        last: list[dict[str, int]] = [{}, self.other_statements()]

        def is_quiet() -> bool:
            self.wait_for_heartbeats(heartbeats)
            last[:] = [last[1], self.other_statements()]
            return last[0] == last[1]

        def sent() -> str:
            new = {query: n - last[0].get(query, 0) for query, n in last[1].items()}
            return f"nothing but heartbeats is sent, now: { {q: n for q, n in new.items() if n} }"

        wait_for(is_quiet, sent)
