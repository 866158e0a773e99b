"""What a connection may rely on from one transaction to the next.

A pooler such as PgBouncer in transaction mode lends a session for one transaction: settings,
prepared statements, LISTEN and session-level advisory locks stay behind in it, for another client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from weakref import WeakSet

from psycopg import AsyncConnection, AsyncCursor, ClientCursor, Connection, Cursor
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import BaseRowFactory, scalar_row

from jobgen_runtime.sql import read

T = TypeVar("T")

_UTC = frozenset({"Etc/UTC", "Etc/UCT", "UCT", "Etc/Universal", "Universal", "Etc/Zulu", "Zulu"})
"""Other names of UTC. To the driver they are zones with rules: a date takes it thrice as long."""

_limited = WeakSet[Connection[Any]]()
"""Connections whose own session keeps the limits of `execute_with_timeouts`."""


async def detect_own_session(conn: AsyncConnection[Any]) -> bool:
    """Whether the session is this connection's own; if not, nothing is prepared in it any more.

    A pooler answers the start of a connection in its own name, so the process that it gives there
    is not the one that carries out statements.
    """
    async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(read("backend_pid").encode())
        own = _settled(conn, await cursor.fetchone())
        if own and _renames_utc(conn):
            await cursor.execute(read("use_utc").encode())
    return own


def detect_own_session_sync(conn: Connection[Any]) -> bool:
    """The plain twin of `settle`."""
    with Cursor(conn, row_factory=scalar_row) as cursor:
        own = _settled(conn, cursor.execute(read("backend_pid").encode()).fetchone())
        if own and _renames_utc(conn):
            cursor.execute(read("use_utc").encode())
    return own


def _settled(conn: AsyncConnection[Any] | Connection[Any], backend_pid: int | None) -> bool:
    own = backend_pid == conn.info.backend_pid
    if not own:
        conn.prepare_threshold = None
    return own


def _renames_utc(conn: AsyncConnection[Any] | Connection[Any]) -> bool:
    return conn.info.parameter_status("TimeZone") in _UTC


def set_timeouts(conn: Connection[Any]) -> None:
    """Let the session keep the limits of `execute_with_timeouts`, if it is not a pooler's."""
    if detect_own_session_sync(conn):
        conn.execute(read("set_timeouts").encode(), {"local": False})
        _limited.add(conn)


def execute_with_timeouts(
    conn: Connection[Any],
    query: bytes,
    rows: BaseRowFactory[T],
    params: Mapping[str, Any] | None = None,
) -> list[T]:
    """One statement and its rows, which waits for no lock for long: it rather fails.

    Unless the session keeps the limits, they travel in the same message: a process that is stopped
    between BEGIN and COMMIT would hold its locks for as long.
    """
    if conn not in _limited:
        query = b";\n".join((read("set_timeouts").encode(), query))
    with ClientCursor(conn, row_factory=rows) as cursor:
        cursor.execute(query, {**(params or {}), "local": True})
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def is_lost(conn: AsyncConnection[Any] | Connection[Any], error: BaseException | None) -> bool:
    """Whether the connection is of no more use after that error.

    A server that takes no writes is a standby, or has become one: another host may be the primary.
    """
    return conn.closed or isinstance(error, ReadOnlySqlTransaction)
