"""Creates the objects of a dump in a scratch database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from jobgen.migrate.archive import Entry, Key
from jobgen.migrate.target import Connection

_SETTINGS = (
    "SET check_function_bodies = off; SET row_security = off; SET client_min_messages = warning;"
    " SET search_path = ''; SET default_table_access_method = heap"
)
# pg_restore does these last, too: they would affect what comes after them.
_LAST = {"ACL": 1, "DEFAULT ACL": 1, "EVENT TRIGGER": 2}
_MISSING_ROLE = re.compile(r'role "(.+)" does not exist')


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that the scratch server refused, with its reason."""

    entry: Entry
    reason: str


PUBLIC: Key = ("SCHEMA", "", "public")
"""The schema that every database begins with. It is dumped if it was dropped and created again."""


def restore(conn: Connection, entries: Iterable[Entry]) -> tuple[Refusal, ...]:
    """Create the objects of a dump in an empty database, and every role that they name.

    Args:
        conn: A superuser's connection in autocommit mode, whose settings are changed.
        entries: The entries of a dump.

    Returns:
        The entries that the server refused.
    """
    conn.execute(_SETTINGS.encode())
    ordered = sorted(
        (each for each in entries if each.text and each.key != PUBLIC),
        key=lambda entry: _LAST.get(entry.kind, 0),
    )
    try:
        # All at once is several times as fast, and mostly works.
        run_with_roles(conn, [statement for entry in ordered for statement in entry.statements])
    except psycopg.Error:
        if conn.closed:
            raise
        return tuple(refusal for entry in ordered if (refusal := _restore_one(conn, entry)))
    return ()


def run_with_roles(conn: Connection, statements: Sequence[str]) -> None:
    """Run statements in one transaction on a scratch server, and create the roles that they need.

    Raises:
        psycopg.Error: A statement is refused for another reason than a role. Nothing is changed.
    """
    missing = None
    while True:
        try:
            with conn.transaction():
                conn.execute("\n".join(statements).encode())
        except psycopg.errors.UndefinedObject as error:
            named = _MISSING_ROLE.fullmatch(error.diag.message_primary or "")
            if named is None or named[1] == missing:
                raise
            missing = named[1]
        else:
            return
        conn.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(missing)))


def _restore_one(conn: Connection, entry: Entry) -> Refusal | None:
    try:
        run_with_roles(conn, entry.statements)
    except psycopg.Error as error:
        return Refusal(entry, error.diag.message_primary or str(error).strip())
    return None
