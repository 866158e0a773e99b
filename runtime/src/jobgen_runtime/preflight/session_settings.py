"""Find what a database or a pooler imposes on a worker's session that the session cannot change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import tuple_row

from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.sql import read

_SHORTEST_TIMEOUT = 1_000
"""Milliseconds. A worker's statements take a few at most, if no lock holds them up."""

_READ_ONLY = "default_transaction_read_only"
_ISOLATION = "default_transaction_isolation"
_TIMEOUTS = ("statement_timeout", "transaction_timeout")
_NAMES = ("server_encoding", _READ_ONLY, _ISOLATION, *_TIMEOUTS)


async def find_unusable_settings(conn: AsyncConnection[Any]) -> list[Problem]:
    """Return the settings that keep a worker from working.

    A worker's own session has set these already, so only the database's encoding can be wrong.
    Behind a pooler, sessions have what their role, database and server give them.
    """
    async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
        await cursor.execute(read("settings_in_force").encode(), {"names": list(_NAMES)})
        found: dict[str, str] = dict(await cursor.fetchall())
    problems = []
    if found.get("server_encoding") == "SQL_ASCII":
        problems.append(_encoding_problem(conn.info.dbname))
    problems += [
        _setting_problem(name, found[name], needed, conn)
        for name, needed in _changes(found).items()
    ]
    return problems


def _changes(found: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings that must have other values, with these."""
    needed = {}
    if found.get(_READ_ONLY) == "on":
        needed[_READ_ONLY] = "off"
    if found.get(_ISOLATION, "read committed") not in {"read committed", "read uncommitted"}:
        needed[_ISOLATION] = "read committed"
    needed |= {name: "0" for name in _TIMEOUTS if 0 < int(found.get(name, "0")) < _SHORTEST_TIMEOUT}
    return needed


def _encoding_problem(database: str) -> Problem:
    return Problem(
        f"The encoding of the database {database} is SQL_ASCII (server_encoding): texts in it can "
        "be in any encoding, so they cannot be read.",
        is_fatal=True,
        hint="Move the data into a database that was created with ENCODING 'UTF8' TEMPLATE "
        "template0. `pg_dump --encoding=UTF8` declares the texts to be UTF-8.",
    )


def _setting_problem(name: str, value: str, needed: str, conn: AsyncConnection[Any]) -> Problem:
    fix = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
        sql.Identifier(conn.info.user),
        sql.Identifier(conn.info.dbname),
        sql.Identifier(name),
        sql.Literal(needed),
    )
    return Problem(
        f"{name} is {value!r} in the sessions of a pooler, where a worker cannot change it.",
        is_fatal=name == _READ_ONLY,
        hint="Set it for the role, and let the pooler open new sessions, or give the worker the "
        "server's own address.",
        statements=(fix.as_string(None),),
    )
