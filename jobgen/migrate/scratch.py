"""The scratch database that Schema.sql is run in, on the server of the one to migrate."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.snapshot import Connection
from jobgen.migrate.sql import read
from jobgen.postgres import temporary_server
from jobgen.schema.introspect.scratch_database import SCRATCH_PREFIX, scratch_database

_ABANDONED_AFTER = 3600
"""Seconds after which an unused scratch database counts as left behind by a killed process."""


@contextmanager
def scratch_database_for(conn: Connection, url: str, note: Callable[[str], None]) -> Iterator[str]:
    """Yield the address of a new, empty database on the server of `conn` and `url`.

    Where the role cannot create databases, the database is on a temporary embedded server and
    `note` receives a line about it. The database is dropped after the block in any case.

    Raises:
        JobgenError: No scratch database can be created.
    """
    _drop_abandoned(conn)
    with ExitStack() as stack:
        try:
            scratch_url = stack.enter_context(scratch_database(url))
        except psycopg.errors.InsufficientPrivilege:
            scratch_url = stack.enter_context(_on_temporary_server(conn, note))
        except psycopg.Error as error:
            raise JobgenError(
                f"A scratch database for Schema.sql cannot be created: {str(error).strip()}"
            ) from None
        yield scratch_url


@contextmanager
def _on_temporary_server(conn: Connection, note: Callable[[str], None]) -> Iterator[str]:
    role = sql.Identifier(conn.info.user).as_string(conn)
    grant = f"ALTER ROLE {role} CREATEDB;"
    try:
        with temporary_server() as url:
            note(
                f"The role {conn.info.user} cannot create databases here, so Schema.sql is run on"
                f" a temporary server. To run it on this server: {grant}"
            )
            yield url
    except JobgenError as error:
        raise JobgenError(
            error.message,
            hint="Schema.sql was run on a temporary server, because the role"
            f" {conn.info.user} cannot create databases on yours. To run it on yours: {grant}",
        ) from None


def _drop_abandoned(conn: Connection) -> None:
    """Drop the scratch databases of this role that killed processes left behind."""
    abandoned = conn.execute(
        read("abandoned_scratch_databases").encode(),
        (rf"^{SCRATCH_PREFIX}_\d+_", int(time.time()) - _ABANDONED_AFTER),
    ).fetchall()
    for (name,) in abandoned:
        with contextlib.suppress(psycopg.Error):
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(str(name))))
