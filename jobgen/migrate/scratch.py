"""The database in which Schema.sql is tried: beside the one that is migrated."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.reading import Connection
from jobgen.postgres import temporary_server
from jobgen.schema.introspect.scratch_database import SCRATCH_PREFIX, scratch_database

_FORGOTTEN_AFTER = 3600
"""Seconds after which a scratch database nobody is connected to was left by a killed process."""


@contextmanager
def scratch_beside(conn: Connection, url: str, note: Callable[[str], None]) -> Iterator[str]:
    """The address of a new, empty database beside the one of `conn` and `url`.

    Where its role may not make databases, it is on a temporary embedded server instead,
    and `note` is told. Dropped in every case.
    """
    _drop_forgotten(conn)
    with ExitStack() as stack:
        try:
            scratch_url = stack.enter_context(scratch_database(url))
        except psycopg.errors.InsufficientPrivilege:
            scratch_url = stack.enter_context(_elsewhere(conn, note))
        except psycopg.Error as error:
            raise JobgenError(
                f"cannot make a database to try Schema.sql in: {str(error).strip()}"
            ) from None
        yield scratch_url


@contextmanager
def _elsewhere(conn: Connection, note: Callable[[str], None]) -> Iterator[str]:
    role = sql.Identifier(conn.info.user).as_string(conn)
    grant = f"ALTER ROLE {role} CREATEDB;"
    try:
        with temporary_server() as url:
            note(
                f"{conn.info.user} may not make databases here, so Schema.sql is tried on a"
                f" temporary server; to have it tried on this one: {grant}"
            )
            yield url
    except JobgenError as error:
        raise JobgenError(
            error.message,
            hint="This happened on a temporary server, because this role may not make databases"
            f" on the real one. To have Schema.sql tried there: {grant}",
        ) from None


def _drop_forgotten(conn: Connection) -> None:
    """Drop scratch databases of this role that a killed process has left behind."""
    forgotten = conn.execute(
        "SELECT d.datname FROM pg_database d"
        " WHERE d.datname ~ %s AND split_part(d.datname, '_', 3)::bigint < %s"
        " AND pg_has_role(d.datdba, 'USAGE')"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)",
        (rf"^{SCRATCH_PREFIX}_\d+_", int(time.time()) - _FORGOTTEN_AFTER),
    ).fetchall()
    for (name,) in forgotten:
        with contextlib.suppress(psycopg.Error):
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(str(name))))
