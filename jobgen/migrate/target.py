"""The database that is brought up to Schema.sql."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from jobgen_runtime.project import environment_database_url
from psycopg.conninfo import conninfo_to_dict

from jobgen.errors import JobgenError
from jobgen.migrate.reading import Connection
from jobgen.postgres import Server, temporary_server


@dataclass(frozen=True, slots=True)
class Target:
    """A database's address, and how it is called in messages (never with its password)."""

    url: str
    label: str


@contextmanager
def find_target(root: Path, *, may_start: bool) -> Iterator[Target]:
    """DATABASE_URL's database, else that of the project's own server.

    That server is started if need be, and stays so. With `may_start` unset nothing may
    change: a server that does not run is started for this block alone, and a project
    that never had one gets an empty one elsewhere.
    """
    if url := environment_database_url():
        yield Target(url, f"{_name(url)} (DATABASE_URL)")
        return
    server = Server(root)
    status = server.status()
    label = "the project's own server"
    if status.url is not None:
        yield Target(status.url, f"{_name(status.url)} on {label}")
    elif may_start:
        url = server.start()
        yield Target(url, f"{_name(url)} on {label}, which was started for it")
    elif status.data is None:
        with temporary_server() as url:
            yield Target(url, f"an empty database, as {label} has not been started yet")
    else:
        url = server.start()
        try:
            yield Target(url, f"{_name(url)} on {label}, which was started for this look only")
        finally:
            server.stop()


def _name(url: str) -> str:
    """The database's name and host in an address."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise JobgenError(
            f"DATABASE_URL is not an address: {str(error).strip()}",
            hint="It is postgresql://user:password@host:5432/database.",
        ) from None
    name = str(parts.get("dbname") or parts.get("user") or "the default database")
    host = str(parts.get("host") or "")
    return name if not host or host.startswith("/") else f"{name} at {host}"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection of its own, each statement committed by itself."""
    try:
        conn = psycopg.connect(
            url, autocommit=True, prepare_threshold=None, application_name="jobgen migrate"
        )
    except psycopg.OperationalError as error:
        raise JobgenError(
            f"cannot connect to the database: {str(error).strip()}",
            hint="Check DATABASE_URL, or unset it to use the project's own server.",
        ) from None
    with conn:
        yield conn
