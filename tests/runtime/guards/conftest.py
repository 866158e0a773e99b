"""A server that counts statements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import install_schema_sync

from jobgen.postgres import temporary_server
from tests.conftest import temporary_database
from tests.runtime.conftest import SCHEMA, Application, application

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


@pytest.fixture(scope="session")
def counting_server() -> Iterator[str]:
    """The address of a server with pg_stat_statements, on stock settings otherwise."""
    with temporary_server(("shared_preload_libraries=pg_stat_statements",)) as url:
        yield url


@pytest.fixture
def counted(counting_server: str) -> Iterator[Counted]:
    """A database like `prepared`."""
    with (
        psycopg.connect(counting_server, autocommit=True) as admin,
        temporary_database(counting_server) as url,
    ):
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        with psycopg.connect(url, autocommit=True) as conn:
            install_schema_sync(conn)
            conn.execute(SCHEMA.encode())
        yield Counted(url, admin)


@pytest.fixture
def counted_app(tmp_path: Path, counted: Counted) -> Iterator[Application]:
    """An application whose database is counted."""
    with application(tmp_path, counted.url) as made:
        yield made
