"""Break, refuse and allow the connections of workers to their database."""

from __future__ import annotations

import psycopg

from tests.support.rows import Rows
from tests.support.waiting import wait_for

_WORKERS = "FROM pg_stat_activity WHERE application_name LIKE %s AND datname = current_database()"


def break_connections(rows: Rows, application_name: str = "run-jobs%") -> int:
    """Terminate the server processes of workers and return how many there were.

    Args:
        rows: The table of the workers' database.
        application_name: A pattern for LIKE: by default every connection of every worker.
    """
    query = f"SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) {_WORKERS}"
    found = rows.conn.execute(query.encode(), (application_name,)).fetchone()
    assert found is not None
    return int(found[0])


def refuse_connections(rows: Rows, server_url: str) -> None:
    """Break the connections of all workers, and refuse new ones until they are allowed again."""
    name = rows.conn.info.dbname
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
    wait_for(lambda: break_connections(rows) == 0, "no connection of a worker is left")


def allow_connections(rows: Rows, server_url: str) -> None:
    """Let workers connect again."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{rows.conn.info.dbname}" ALLOW_CONNECTIONS true'.encode())
