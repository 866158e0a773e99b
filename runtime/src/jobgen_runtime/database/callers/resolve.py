"""Find out what a caller has passed as a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Connection, Error

from jobgen_runtime.database.callers import django, sqlalchemy
from jobgen_runtime.database.callers.text_connection import AsyncTextConnection, TextConnection
from jobgen_runtime.database.callers.wrong_arguments import not_a_connection


@dataclass(frozen=True, slots=True)
class DriverConnection:
    """A connection of psycopg that belongs to a library, which may have changed its adapters.

    Attributes:
        conn: psycopg's connection.
        owner: The library's connection, which has to learn that the server is gone.
    """

    conn: Connection[Any]
    owner: django.Owner | sqlalchemy.Owner

    @contextmanager
    def telling_loss(self) -> Iterator[None]:
        """Tell the library if the connection is lost in the block, so that it opens another."""
        try:
            yield
        except Error as error:
            if self.conn.closed:
                self.owner.note_loss(error)
            raise


@dataclass(frozen=True, slots=True)
class AsyncDriverConnection:
    """A connection of psycopg that belongs to a library; the asynchronous `DriverConnection`."""

    conn: AsyncConnection[Any]
    owner: sqlalchemy.AsyncOwner

    @asynccontextmanager
    async def telling_loss(self) -> AsyncIterator[None]:
        """Tell the library if the connection is lost; as `DriverConnection.telling_loss`."""
        try:
            yield
        except Error as error:
            if self.conn.closed:
                await self.owner.note_loss(error)
            raise


async def resolve(
    conn: object,
) -> AsyncConnection[Any] | AsyncDriverConnection | AsyncTextConnection:
    """Return what statements of asynchronous code run on, given the caller's connection.

    Pending objects of a SQLAlchemy session are flushed, and its transaction is begun.

    Raises:
        TypeError: It is not a connection that asynchronous code can use.
        psycopg.Error: The library's connection cannot be used.
    """
    if isinstance(conn, AsyncConnection | AsyncDriverConnection | AsyncTextConnection):
        return conn
    if isinstance(conn, Connection):
        raise TypeError(
            "An asynchronous method was given a psycopg.Connection, which is synchronous. "
            "Call the method whose name ends in _sync, or pass a psycopg.AsyncConnection."
        )
    if sqlalchemy.is_of_sqlalchemy(conn):
        found, owner = await sqlalchemy.find_async(conn)
        return AsyncDriverConnection(found, owner) if isinstance(found, AsyncConnection) else found
    if django.is_of_django(conn):
        raise django.used_asynchronously(conn)
    if hasattr(conn, "pgconn"):
        wrapper: AsyncConnection[Any] = conn  # type: ignore[assignment]
        return wrapper
    raise not_a_connection(conn, AsyncConnection)


def resolve_sync(conn: object) -> Connection[Any] | DriverConnection | TextConnection:
    """Return what statements run on; the synchronous version of `resolve`."""
    if isinstance(conn, Connection | DriverConnection | TextConnection):
        return conn
    if isinstance(conn, AsyncConnection):
        raise TypeError(
            "A synchronous method was given a psycopg.AsyncConnection. "
            "Call the method whose name does not end in _sync, or pass a psycopg.Connection."
        )
    if sqlalchemy.is_of_sqlalchemy(conn):
        found, owner = sqlalchemy.find(conn)
        return DriverConnection(found, owner) if isinstance(found, Connection) else found
    if django.is_of_django(conn):
        used = django.find(conn)
        return (
            used if isinstance(used, TextConnection) else DriverConnection(used, django.Owner(conn))
        )
    if hasattr(conn, "pgconn"):
        wrapper: Connection[Any] = conn  # type: ignore[assignment]
        return wrapper
    raise not_a_connection(conn, Connection)
