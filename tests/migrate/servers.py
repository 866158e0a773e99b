"""Servers that a test file has to itself: its schemas create objects of the whole server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from jobgen_runtime import install_schema_sync
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jobgen.postgres import temporary_server
from jobgen.postgres.account import server_account
from jobgen.postgres.embedded import embedded_binaries
from jobgen.postgres.installed import installed_binaries
from tests.support.programs import OLD_POSTGRES, major_version


def version_of(kind: str) -> int:
    """Return the major version of a kind of server; that of the newest if there is no old one."""
    found = OLD_POSTGRES.find() if kind == "old" else None
    if found is None:  # tests that need the old one are skipped
        return embedded_binaries(server_account()).major
    return major_version(found)


@contextmanager
def server(kind: str) -> Iterator[str]:
    """Start an empty server, "embedded" or the "old"est of this machine, and yield its address."""
    if kind == "embedded":
        with temporary_server() as url:
            yield url
        return
    binaries = installed_binaries(OLD_POSTGRES.require(), server_account())
    with temporary_server(binaries=binaries) as url:
        yield url


def create_roles(url: str, roles: Iterable[str]) -> None:
    """Create roles without rights on a server."""
    with psycopg.connect(url, autocommit=True) as conn:
        for role in roles:
            conn.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))


def create_database(url: str, name: str, options: str = "") -> str:
    """Create an empty database on a server, and return its address."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {options}'.encode())
    return make_conninfo(url, dbname=name)


def install_runtime(url: str) -> None:
    """Install the runtime's own schema in a database."""
    with psycopg.connect(url, autocommit=True) as conn:
        install_schema_sync(conn)
