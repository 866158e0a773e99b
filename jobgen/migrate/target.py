"""The database to migrate: DATABASE_URL, or the one on the project's own server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from jobgen_runtime.project import environment_database_url

from jobgen.errors import JobgenError
from jobgen.postgres import Server, address_parts, scratch_server
from jobgen.postgres.databases import connection_failed, invalid_address

Connection = psycopg.Connection[tuple[object, ...]]
"""A connection whose rows are tuples."""


_OWN = "the project's own server"


@dataclass(frozen=True, slots=True)
class Target:
    """A database's address, and its name in messages, which never has the password."""

    url: str
    label: str


@contextmanager
def find_target(
    root: Path, *, may_start: bool, settings_url: str | None = None
) -> Iterator[Target]:
    """Yield the database of DATABASE_URL, otherwise the one on the project's own server.

    Args:
        root: The project's root.
        may_start: Whether the project's server is started where it does not run, and left
            running. If False, it is started for the block only, and a project without a server
            gets an empty temporary one.
        settings_url: The address in Django's settings, which is used without DATABASE_URL; None for
            other projects.

    Raises:
        JobgenError: DATABASE_URL is invalid, or the server cannot be started.
    """
    if url := environment_database_url():
        yield Target(url, given_label(url))
        return
    if settings_url is not None:
        yield Target(settings_url, f"{_name(settings_url)} (DATABASES)")
        return
    server = Server(root)
    status = server.status()
    if status.url is not None:
        yield Target(status.url, own_label(status.url))
    elif may_start:
        url = server.start()
        yield Target(url, f"{own_label(url)}, which was started for this")
    elif status.data is None:
        with scratch_server(root) as url:
            yield Target(url, f"an empty database, because {_OWN} has never been started")
    else:
        url = server.start()
        try:
            yield Target(url, f"{own_label(url)}, which runs for this command only")
        finally:
            server.stop()


def given_label(url: str) -> str:
    """Return the name in messages of the database that DATABASE_URL names."""
    return f"{_name(url)} (DATABASE_URL)"


def own_label(url: str) -> str:
    """Return the name in messages of a database on the project's own server."""
    return f"{_name(url)} on {_OWN}"


def _name(url: str) -> str:
    """Return the database's name and host of an address."""
    parts = address_parts(url)
    name = parts.get("dbname") or parts.get("user") or "the default database"
    host = parts.get("host", "")
    return name if not host or host.startswith("/") else f"{name} at {host}"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a new connection in autocommit mode.

    Raises:
        JobgenError: The database cannot be connected to, or its encoding cannot be worked with.
    """
    try:
        conn = psycopg.connect(
            url,
            autocommit=True,
            prepare_threshold=None,
            client_encoding="utf8",
            application_name="jobgen migrate",
        )
    except psycopg.OperationalError as error:
        raise connection_failed(error) from None
    except psycopg.ProgrammingError as error:
        raise invalid_address(error) from None
    with conn:
        if conn.info.parameter_status("server_encoding") == "SQL_ASCII":
            raise JobgenError(
                f"The encoding of the database {conn.info.dbname} is SQL_ASCII (server_encoding): "
                "texts in it can be in any encoding, so workers and records cannot read them.",
                hint="Create a database with ENCODING 'UTF8' TEMPLATE template0, move the data "
                "there (`pg_dump --encoding=UTF8`), and put its address into DATABASE_URL.",
            )
        # A server that waits for a lock, or runs a long statement, does not notice otherwise that
        # this process has been killed. Some systems do not have this.
        with suppress(psycopg.Error):
            conn.execute("SET client_connection_check_interval = '2s'")
        yield conn
