"""Detect whether a connection has a session to itself, and limit how long statements wait.

A pooler such as PgBouncer in transaction mode lends a session for one transaction. Settings,
prepared statements, LISTEN and session-level advisory locks would stay in it, for another client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from weakref import WeakSet

from psycopg import AsyncConnection, ClientCursor, Connection
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import BaseRowFactory, scalar_row

from jobgen_runtime.database.adapters import OwnAsyncCursor, OwnCursor
from jobgen_runtime.sql import read

T = TypeVar("T")

_UTC = frozenset({"Etc/UTC", "Etc/UCT", "UCT", "Etc/Universal", "Universal", "Etc/Zulu", "Zulu"})
"""Other names of UTC. The driver treats them as zones with rules, and loads dates at a third of
the speed."""

STATEMENT_SECONDS = 5.0
"""How long a statement of `execute_with_timeouts` may take unless the caller says otherwise."""

LOCK_SECONDS = 0.5
"""How long it waits for a lock, at most."""

_with_timeouts = WeakSet[Connection[Any]]()
"""Connections whose own session keeps the timeouts of `execute_with_timeouts`."""


async def detect_own_session(conn: AsyncConnection[Any]) -> bool:
    """Return whether the connection has its session to itself; if not, prepare no statements.

    A pooler answers the connection's start-up itself, so the process id that it reports there is
    not that of the server process that runs the statements.

    A DateStyle or IntervalStyle that the driver cannot read is replaced. Poolers keep these two,
    and the encoding, for each client. In its own session, a time zone that is UTC under another
    name is set to `UTC`. All other settings are left as the role has them.
    """
    async with OwnAsyncCursor(conn, row_factory=scalar_row) as cursor:
        await cursor.execute(read("backend_pid").encode())
        own = _is_own(conn, await cursor.fetchone())
        for name in wrong_settings(conn, own=own):
            await cursor.execute(read(name).encode())
    return own


def detect_own_session_sync(conn: Connection[Any]) -> bool:
    """Detect an own session; the synchronous version of `detect_own_session`."""
    with OwnCursor(conn, row_factory=scalar_row) as cursor:
        own = _is_own(conn, cursor.execute(read("backend_pid").encode()).fetchone())
        for name in wrong_settings(conn, own=own):
            cursor.execute(read(name).encode())
    return own


def _is_own(conn: AsyncConnection[Any] | Connection[Any], backend_pid: int | None) -> bool:
    own = backend_pid == conn.info.backend_pid
    if not own:
        conn.prepare_threshold = None
    return own


def wrong_settings(conn: AsyncConnection[Any] | Connection[Any], *, own: bool) -> list[str]:
    """Return the names of the statements that correct settings which the driver cannot read.

    The server reports these settings when a connection opens, so checking them costs nothing.

    Args:
        conn: The connection, just opened.
        own: Whether it has its session to itself.
    """
    status = conn.info.parameter_status
    names = []
    if not (status("DateStyle") or "ISO").startswith("ISO"):
        names.append("use_iso_dates")
    if (status("IntervalStyle") or "postgres") != "postgres":
        names.append("use_postgres_intervals")
    if own and status("TimeZone") in _UTC:
        names.append("use_utc")
    return names


def set_timeouts(conn: Connection[Any]) -> None:
    """Set the timeouts of `execute_with_timeouts` in a session that is the connection's own."""
    conn.execute(read("set_timeouts").encode(), _timeouts(STATEMENT_SECONDS, local=False))
    _with_timeouts.add(conn)


def execute_with_timeouts(
    conn: Connection[Any],
    query: bytes,
    rows: BaseRowFactory[T],
    params: Mapping[str, Any] | None = None,
    *,
    seconds: float = STATEMENT_SECONDS,
) -> list[T]:
    """Run a statement that fails rather than wait long for a lock, and return its rows.

    If the session does not keep the timeouts, they are sent in the same message as the statement:
    a process that is stopped between BEGIN and COMMIT would hold its locks until it continues.

    Args:
        conn: The connection.
        query: The statement.
        rows: The row factory.
        params: The statement's parameters.
        seconds: How long the statement may take.
    """
    parameters = dict(params or {})
    if conn not in _with_timeouts or seconds != STATEMENT_SECONDS:
        query = b";\n".join((read("set_timeouts").encode(), query))
        parameters |= _timeouts(seconds, local=True)
    with ClientCursor(conn, row_factory=rows) as cursor:
        cursor.execute(query, parameters)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def _timeouts(seconds: float, *, local: bool) -> dict[str, Any]:
    # A wait for a lock must end before the statement's time, to be distinguished from a slow
    # statement.
    lock_seconds = min(LOCK_SECONDS, seconds / 2)
    return {
        "local": local,
        "lock_timeout": f"{round(1000 * lock_seconds)}ms",
        "statement_timeout": f"{round(1000 * seconds)}ms",
    }


async def forget_prepared_statements(conn: AsyncConnection[Any]) -> None:
    """Make the driver prepare its statements again: it does so after a rollback."""
    async with conn.transaction(force_rollback=True):
        pass


def is_lost(conn: AsyncConnection[Any] | Connection[Any], error: BaseException | None) -> bool:
    """Return whether the connection cannot be used any more after the error.

    That includes a server that refuses writes: it is a standby, and another host is the primary.
    """
    return conn.closed or (isinstance(error, ReadOnlySqlTransaction) and _is_read_only(conn))


def _is_read_only(conn: AsyncConnection[Any] | Connection[Any]) -> bool:
    """Return whether the server refuses all writes, as opposed to a trigger that refuses one.

    The server reports both settings whenever they change; a pooler may not.
    """
    settings = map(conn.info.parameter_status, ("in_hot_standby", "default_transaction_read_only"))
    return any(setting in (None, "on") for setting in settings)
