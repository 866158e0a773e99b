"""Creates the roles and tablespaces that a schema file names, on a scratch server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import sql

_MISSING = re.compile(r'(role|tablespace) "(.+?)" does not exist', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Missing:
    """A role or tablespace that does not exist."""

    kind: Literal["role", "tablespace"]
    name: str


def find_missing(error: psycopg.Error) -> Missing | None:
    """Return the role or tablespace whose absence made the server refuse a statement."""
    found = _MISSING.search(f"{error.diag.message_primary}\n{error.diag.message_detail}")
    if found is None:
        return None
    return Missing("role" if found[1].lower() == "role" else "tablespace", found[2])


def create_placeholder(conn: psycopg.Connection[Any], missing: Missing) -> None:
    """Create what is missing on a scratch server.

    A role has every right, because the statements that would give it some may act on the whole
    server. It cannot log in. A tablespace is a folder inside the server's data.

    Args:
        conn: The connection that runs the file, whose role is a superuser.
        missing: The role or tablespace.

    Raises:
        psycopg.Error: It cannot be created.
    """
    name = sql.Identifier(missing.name)
    if missing.kind == "role":
        conn.execute(sql.SQL("CREATE ROLE {} SUPERUSER NOLOGIN").format(name))
        return
    # On another connection, because this one may be in a transaction.
    with psycopg.connect(conn.info.dsn, autocommit=True, client_encoding="utf8") as admin:
        admin.execute("SET allow_in_place_tablespaces = on")
        admin.execute(sql.SQL("CREATE TABLESPACE {} LOCATION ''").format(name))
