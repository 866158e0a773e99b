"""Databases that exist for one test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from jobgen_runtime import install_schema_sync
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.schema import APP_SCHEMA


@contextmanager
def temporary_database(
    server_url: str, template: str = "template1", *, encoding: str = ""
) -> Iterator[str]:
    """Create a database from `template`, yield its conninfo, and drop it.

    Another `encoding` than the server's needs template0.
    """
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        strategy = " STRATEGY FILE_COPY" if conn.info.server_version >= 150000 else ""
        conn.execute(
            # Without fsync, a copy of the files takes a third of the time of WAL_LOG, the default.
            sql.SQL("CREATE DATABASE {} TEMPLATE {}{}{}").format(
                sql.Identifier(name),
                sql.Identifier(template),
                sql.SQL(strategy),
                sql.SQL(" ENCODING {} LOCALE 'C'" if encoding else "").format(encoding),
            )
        )
    try:
        yield make_conninfo(server_url, dbname=name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def install_app_schema(url: str) -> None:
    """Install the runtime's schema and the application's tables in the current schema."""
    with psycopg.connect(url, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute(APP_SCHEMA.encode())
