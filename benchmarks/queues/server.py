"""Run the benchmark's PostgreSQL with stock durability: committed data survives a crash."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from benchmarks.queues.machine import cpu_seconds, parent
from benchmarks.queues.system import Connection
from jobgen.postgres import temporary_server

# min_wal_size keeps the WAL files that `warm_up` creates, so that they are reused.
_STOCK = ("shared_buffers=128MB", "max_connections=200", "min_wal_size=1GB", "max_wal_size=1GB")
_SHOWN = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_level",
    "shared_buffers",
    "max_wal_size",
    "autovacuum",
)

_FILL_LOG = """
SELECT pg_logical_emit_message(FALSE, '', repeat('x', 1000000)) FROM generate_series(1, 1000)
"""

_STATEMENTS = """
SELECT coalesce(sum(calls), 0)
FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
WHERE datname = %s AND query !~* '^(begin|commit|rollback|start transaction)'
"""


def connect(url: str) -> Connection:
    """Open a connection of the benchmark, in autocommit mode."""
    return psycopg.connect(url, autocommit=True)


class Server:
    """A running server, its databases, and the resources that it has used."""

    def __init__(self, url: str, admin: Connection) -> None:
        self._url = url
        self._admin = admin
        self._postmaster = parent(admin.info.backend_pid)
        self._templates: dict[str, str] = {}

    def settings(self) -> dict[str, str]:
        """Return the settings that affect speed and durability."""
        return {name: self._show(name) for name in _SHOWN}

    def cpu_seconds(self) -> float:
        """Return the CPU time of all processes of the server."""
        return cpu_seconds([self._postmaster] if self._postmaster else [])

    def wal_bytes(self) -> int:
        """Return the number of bytes of WAL written so far."""
        row = self._admin.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
        assert row is not None
        return int(row[0])

    def statements(self, database_url: str) -> int:
        """Return the number of statements run in a database, without BEGIN, COMMIT and ROLLBACK.

        The server needs pg_stat_statements.
        """
        name = conninfo_to_dict(database_url)["dbname"]
        row = self._admin.execute(_STATEMENTS, (name,)).fetchone()
        assert row is not None
        return int(row[0])

    def enable_statements(self) -> None:
        """Start to count statements."""
        self._admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def warm_up(self) -> None:
        """Create the WAL files, so that the first measurements do not pay for that."""
        self._admin.execute(_FILL_LOG)
        self._admin.execute("CHECKPOINT")

    @contextmanager
    def database(self, template: str, prepare: Callable[[str], None]) -> Iterator[str]:
        """Yield the address of a copy of the database `template`, and drop the copy at the end.

        `prepare` fills the template, which is created at its first use.
        """
        if template not in self._templates:
            made = self._create()
            try:
                prepare(self._address(made))
                with connect(self._address(made)) as conn:
                    conn.execute("VACUUM ANALYZE")
            except BaseException:
                self._drop(made)
                raise
            self._templates[template] = made
        name = self._create(self._templates[template])
        try:
            # Write out what copying left in memory now, not during the measurement.
            self._admin.execute("CHECKPOINT")
            yield self._address(name)
        finally:
            self._drop(name)

    def drop_templates(self) -> None:
        """Drop all templates to free their disk space."""
        while self._templates:
            self._drop(self._templates.popitem()[1])

    def _address(self, database: str) -> str:
        """Return the address as a URL, which all drivers understand."""
        return urlsplit(self._url)._replace(path=f"/{database}").geturl()

    def _create(self, template: str = "template0") -> str:
        name = f"bench_{uuid.uuid4().hex}"
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def _drop(self, name: str) -> None:
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _show(self, name: str) -> str:
        row = self._admin.execute("SELECT current_setting(%s)", (name,)).fetchone()
        assert row is not None
        return str(row[0])


@contextmanager
def server(*settings: str) -> Iterator[Server]:
    """Run a new server with `settings` in addition to the stock ones."""
    with temporary_server((*_STOCK, *settings)) as url, connect(url) as admin:
        yield Server(url, admin)
