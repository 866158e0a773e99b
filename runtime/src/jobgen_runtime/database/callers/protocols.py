"""The types of the connections that a caller may pass, for type checkers.

SQLAlchemy and Django are described by the few methods that tell their classes apart, so that
neither must be installed.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol, TypeAlias

from psycopg import AsyncConnection, Connection


class SQLAlchemyConnection(Protocol):
    """A `sqlalchemy.Connection`."""

    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""

    def get_isolation_level(self) -> str:
        """Return the isolation level; in an AsyncConnection, this is a coroutine."""

    def exec_driver_sql(self, statement: str, /) -> Any:
        """Run a statement as the driver takes it."""


class SQLAlchemySession(Protocol):
    """A `sqlalchemy.orm.Session`, a `scoped_session`, or a class derived from one of them."""

    def connection(self) -> SQLAlchemyConnection:
        """Return the connection of the session's transaction."""

    def flush(self) -> None:
        """Write the pending objects; connections do not have it."""


class AsyncSQLAlchemyConnection(Protocol):
    """A `sqlalchemy.ext.asyncio.AsyncConnection`."""

    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""

    def get_isolation_level(self) -> Awaitable[str]:
        """Return the isolation level; in a Connection, this is not a coroutine."""

    def exec_driver_sql(self, statement: str, /) -> Awaitable[Any]:
        """Run a statement as the driver takes it."""


class AsyncSQLAlchemySession(Protocol):
    """A `sqlalchemy.ext.asyncio.AsyncSession`, or an `async_scoped_session`."""

    def connection(self) -> Awaitable[AsyncSQLAlchemyConnection]:
        """Return the connection of the session's transaction."""

    def flush(self) -> Awaitable[None]:
        """Write the pending objects; connections do not have it."""


class DjangoConnection(Protocol):
    """A connection of Django: `connections["other"]`, or `connection` as django-stubs has it."""

    def ensure_connection(self) -> None:
        """Connect, unless it is connected."""

    def validate_no_broken_transaction(self) -> None:
        """Raise an error in a transaction that has failed."""


class DjangoConnectionProxy(Protocol):
    """Django's `connection`, which stands for the connection of the current thread."""

    def __getattr__(self, item: str, /) -> Any:
        """Return an attribute of the connection."""

    def __contains__(self, key: Any, /) -> Any:
        """Return whether the connection contains something; no other proxy has it."""


AsyncCallerConnection: TypeAlias = (
    AsyncConnection[Any] | AsyncSQLAlchemySession | AsyncSQLAlchemyConnection
)
"""A connection that the asynchronous methods take: psycopg's or SQLAlchemy's."""

CallerConnection: TypeAlias = (
    Connection[Any]
    | SQLAlchemySession
    | SQLAlchemyConnection
    | DjangoConnection
    | DjangoConnectionProxy
)
"""A connection that the synchronous methods take: psycopg's, SQLAlchemy's or Django's."""
