"""Creates scratch databases on a server."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

SCRATCH_PREFIX = "jobgen_scratch"


@contextmanager
def scratch_database(server_url: str) -> Iterator[str]:
    """Create an empty database on the server and drop it afterwards, also after an error.

    Yields:
        The conninfo of the database.

    Raises:
        psycopg.Error: The server cannot be reached, or the role may not create databases.
    """
    name = f"{SCRATCH_PREFIX}_{int(time.time())}_{secrets.token_hex(6)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(
        server_url, autocommit=True, connect_timeout=5, client_encoding="utf8"
    ) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0{}").format(identifier, _encoding(conn))
        )
        try:
            yield make_conninfo(server_url, dbname=name)
        finally:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


def _encoding(conn: psycopg.Connection[tuple[object, ...]]) -> sql.Composable:
    """Return the option that names the encoding, on a server whose own default is SQL_ASCII.

    Databases of such a server can have any encoding; those of others depend on its locale.
    """
    query = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template0'"
    if conn.execute(query).fetchone() != ("SQL_ASCII",):
        return sql.SQL("")
    encoding = conn.info.parameter_status("server_encoding")
    known = "UTF8" if encoding in (None, "SQL_ASCII") else encoding
    return sql.SQL(" ENCODING {}").format(sql.Literal(known))
