"""Databases that exist for one test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from jobgen_runtime import install_schema_sync
from jobgen_runtime.testing.databases import drop_database
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.schema import APP_SCHEMA

_administrators: dict[tuple[str, int], psycopg.Connection[Any]] = {}
"""The connections that create databases, by the server's address and the process's id."""


@contextmanager
def administrator(server_url: str) -> Iterator[None]:
    """Keep the connection with which `temporary_database` creates and drops databases.

    Two connections for each database would take a third of the time of a test that does little.
    """
    with psycopg.connect(server_url, autocommit=True) as conn:
        _administrators[server_url, os.getpid()] = conn
        try:
            yield
        finally:
            del _administrators[server_url, os.getpid()]


@contextmanager
def _administrate(server_url: str) -> Iterator[psycopg.Connection[Any]]:
    kept = _administrators.get((server_url, os.getpid()))
    if kept:
        yield kept
    else:
        with psycopg.connect(server_url, autocommit=True) as conn:
            yield conn


@contextmanager
def temporary_database(
    server_url: str, template: str = "template1", *, encoding: str = ""
) -> Iterator[str]:
    """Create a database from `template`, yield its conninfo, and drop it.

    Another `encoding` than the server's needs template0.
    """
    name = f"test_{uuid.uuid4().hex}"
    with _administrate(server_url) as conn:
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
        with _administrate(server_url) as conn:
            drop_database(conn, name)


def install_app_schema(url: str) -> None:
    """Install the runtime's schema and the application's tables in the current schema."""
    with psycopg.connect(url, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute(APP_SCHEMA.encode())
