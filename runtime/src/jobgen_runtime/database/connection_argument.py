"""Check what a caller passes as a connection."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from psycopg import AsyncConnection, Connection

_FRAMEWORKS: Mapping[str, str] = MappingProxyType(
    {
        "django": "Inside `atomic()`, pass `connection.connection`, which is the driver's.",
        "sqlalchemy": "Pass the `driver_connection` of its raw connection.",
    }
)
"""How to get the driver's connection, by the package of the object that was passed."""


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
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    advice = _FRAMEWORKS.get(
        kind.__module__.partition(".")[0],
        "Leave it out to use one of the pool; columns are passed by name, as in create(name=…).",
    )
    raise TypeError(
        f"The connection must be a psycopg.{expected.__name__}, not {module}{kind.__qualname__}. "
        f"{advice}"
    )
