"""Check what a caller passes as a connection."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Connection


def require_async_connection(conn: object) -> None:
    """Check that asynchronous code can use this as a connection.

    Raises:
        TypeError: It is not a psycopg.AsyncConnection, nor a wrapper of one.
    """
    if isinstance(conn, AsyncConnection):
        return
    if isinstance(conn, Connection):
        raise TypeError(
            "An asynchronous method was given a psycopg.Connection, which is synchronous. "
            "Call the method whose name ends in _sync, or pass a psycopg.AsyncConnection."
        )
    _require_driver(conn, AsyncConnection)


def require_sync_connection(conn: object) -> None:
    """Check that synchronous code can use this; the synchronous version of the above."""
    if isinstance(conn, Connection):
        return
    if isinstance(conn, AsyncConnection):
        raise TypeError(
            "A synchronous method was given a psycopg.AsyncConnection. "
            "Call the method whose name does not end in _sync, or pass a psycopg.Connection."
        )
    _require_driver(conn, Connection)


def _require_driver(conn: object, expected: type[Any]) -> None:
    # SQLAlchemy wraps the driver's connection in an object that passes attributes through.
    if hasattr(conn, "pgconn"):
        return
    kind = type(conn)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    raise TypeError(
        f"The connection must be a psycopg.{expected.__name__}, not {name}. "
        "Leave it out to use one of the pool; columns are passed by name, as in create(name=…)."
    )
