"""Use SQLAlchemy's sessions and connections, asynchronous or not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Connection

from jobgen_runtime.database.callers.driver_errors import as_psycopg_errors
from jobgen_runtime.database.callers.forks import require_own_process
from jobgen_runtime.database.callers.text_connection import (
    Answer,
    AsyncTextConnection,
    TextConnection,
    session_zone,
)
from jobgen_runtime.database.callers.wrong_arguments import (
    UnusableConnection,
    makes_connections,
    name_of,
    not_postgresql,
    other_driver,
    used_asynchronously,
    used_synchronously,
)
from jobgen_runtime.database.failed_transaction import transaction_failed

_ROLLBACK = "the session or the connection"
_UNPREPARED = {"no_parameters": True}
_DRIVERS = frozenset({"psycopg", "psycopg_async", "psycopg2", "asyncpg"})
"""Those that send a text without parameters as it is. pg8000 would turn %% into %."""


def is_of_sqlalchemy(conn: object) -> bool:
    """Return whether the object is one of SQLAlchemy's that lead to a database."""
    return (
        _is(conn, "sqlalchemy.orm", "Session", "scoped_session", "sessionmaker")
        or _is(conn, "sqlalchemy.engine", "Connection", "Engine")
        or _is(conn, "sqlalchemy.pool", "PoolProxiedConnection")
        or _is_asynchronous(conn)
        or _makes_asynchronous(conn)
    )


@dataclass(frozen=True, slots=True)
class Owner:
    """What the driver's connection belongs to: a Connection, or what an engine has lent."""

    connection: Any

    def note_loss(self, error: Exception) -> None:
        """Let SQLAlchemy drop the connection, as after its own errors."""
        if getattr(self.connection, "dbapi_connection", self) is not None:
            self.connection.invalidate(error)


@dataclass(frozen=True, slots=True)
class AsyncOwner:
    """What the driver's connection belongs to: an AsyncConnection; None if it is not known."""

    connection: Any

    async def note_loss(self, error: Exception) -> None:
        """Let SQLAlchemy drop the connection, as after its own errors."""
        if self.connection is not None:
            await self.connection.invalidate(error)


def find(conn: Any) -> tuple[Connection[Any] | TextConnection, Owner]:
    """Return the driver's connection, or one that sends text, and its owner; begin its transaction.

    Raises:
        TypeError: It is asynchronous, makes connections, or is not one to PostgreSQL.
        psycopg.Error: It cannot be used.
    """
    if _is_asynchronous(conn):
        raise used_synchronously(conn, "a Session or a Connection")
    if _is(conn, "sqlalchemy.orm", "sessionmaker") or _makes_asynchronous(conn):
        raise makes_connections(conn, "Call it: `with Session() as session`, and pass the session.")
    if _is(conn, "sqlalchemy.engine", "Engine"):
        raise makes_connections(conn, "Pass a Session, or a Connection of `engine.begin()`.")
    if _is(conn, "sqlalchemy.pool", "PoolProxiedConnection"):
        return _driver_of_pooled(conn, Connection), Owner(conn)
    with _explaining(conn):
        connection = _begun_connection(conn)
        _require_supported(conn, connection)
        pooled = connection.connection
    driver = pooled.driver_connection
    require_own_process(driver)
    used = driver if isinstance(driver, Connection) else _SQLAlchemyText(connection, pooled)
    return used, Owner(connection)


async def find_async(
    conn: Any,
) -> tuple[AsyncConnection[Any] | AsyncTextConnection, AsyncOwner]:
    """Return the connection; the asynchronous version of `find`."""
    if _makes_asynchronous(conn) or _is(conn, "sqlalchemy.orm", "sessionmaker"):
        raise makes_connections(
            conn, "Open a session or a connection with `async with`, and pass that."
        )
    if _is(conn, "sqlalchemy.engine", "Engine"):
        raise makes_connections(conn, "Pass an AsyncSession or an AsyncConnection.")
    if _is(conn, "sqlalchemy.pool", "PoolProxiedConnection"):
        return _driver_of_pooled(conn, AsyncConnection), AsyncOwner(None)
    if not _is_asynchronous(conn):
        raise used_asynchronously(conn, ", or pass an AsyncSession or an AsyncConnection")
    with _explaining(conn):
        connection = await _begun_async_connection(conn)
        synchronous = connection.sync_connection
        _require_supported(conn, synchronous)
        # It connects again after the connection was lost, which only a greenlet can do.
        is_lost = synchronous.invalidated
        pooled = await connection.get_raw_connection() if is_lost else synchronous.connection
    driver = pooled.driver_connection
    require_own_process(driver)
    if isinstance(driver, AsyncConnection):
        return driver, AsyncOwner(connection)
    _require_own_loop(conn, driver)
    return _AsyncSQLAlchemyText(connection, pooled), AsyncOwner(connection)


class _SQLAlchemyText(TextConnection):
    def __init__(self, connection: Any, pooled: Any) -> None:
        self._connection = connection
        self.is_autocommit = bool(getattr(pooled.dbapi_connection, "autocommit", False))
        self.zone = session_zone(_time_zone(pooled.driver_connection))

    def send(self, text: str) -> Answer:
        with as_psycopg_errors(_ROLLBACK):
            return _answer(self._connection.exec_driver_sql(text, execution_options=_UNPREPARED))


class _AsyncSQLAlchemyText(AsyncTextConnection):
    def __init__(self, connection: Any, pooled: Any) -> None:
        self._connection = connection
        self.is_autocommit = bool(getattr(pooled.dbapi_connection, "autocommit", False))
        self.zone = session_zone(_time_zone(pooled.driver_connection))

    async def send(self, text: str) -> Answer:
        with as_psycopg_errors(_ROLLBACK):
            return _answer(
                await self._connection.exec_driver_sql(text, execution_options=_UNPREPARED)
            )


def _answer(result: Any) -> Answer:
    rows = result.fetchall() if result.returns_rows else []
    return Answer(rows, result.rowcount)


def _begun_connection(conn: Any) -> Any:
    """Return the Connection of a session or a connection, in a transaction."""
    if _is(conn, "sqlalchemy.engine", "Connection"):
        _require_greenlet(conn, conn.dialect)
        if not conn.in_transaction() and not conn.closed:
            _require_no_failure(conn)
            conn.begin()
        return conn
    session = conn() if _is(conn, "sqlalchemy.orm", "scoped_session") else conn
    if session.bind is not None:
        _require_greenlet(conn, session.bind.dialect)
    if _flushes(session):
        session.flush()
    return session.connection()


async def _begun_async_connection(conn: Any) -> Any:
    if _is(conn, "sqlalchemy.ext.asyncio", "AsyncConnection"):
        if conn.sync_connection is None:
            raise UnusableConnection(
                "The AsyncConnection is not connected yet, or is closed.",
                hint="Open it with `async with engine.begin() as conn`, and pass it in the block.",
            )
        if not conn.in_transaction() and not conn.closed:
            _require_no_failure(conn.sync_connection)
            await conn.begin()
        return conn
    session = conn() if _is(conn, "sqlalchemy.ext.asyncio", "async_scoped_session") else conn
    if _flushes(session.sync_session):
        await session.flush()
    return await session.connection()


def _flushes(session: Any) -> bool:
    """Return whether a query of the session would write its pending objects first."""
    return bool(session.autoflush) and not getattr(session, "_flushing", False)


def _require_no_failure(connection: Any) -> None:
    if connection.get_transaction() is not None:
        raise transaction_failed(_ROLLBACK)


def _require_supported(conn: object, connection: Any) -> None:
    if connection.dialect.name != "postgresql":
        raise not_postgresql(conn, str(connection.dialect.name))
    if connection.dialect.driver not in _DRIVERS:
        raise other_driver(conn, str(connection.dialect.driver))


def _require_own_loop(conn: object, driver: object) -> None:
    """Check that asyncpg's connection belongs to the running event loop."""
    loop = getattr(driver, "_loop", None)
    if loop is not None and loop is not asyncio.get_running_loop():
        raise UnusableConnection(
            f"The {name_of(conn)} belongs to another event loop.",
            hint="Its driver can use a connection in the loop alone that has opened it. Open an "
            "engine and a session in this loop, or leave the connection out.",
        )


@contextmanager
def _explaining(conn: object) -> Iterator[None]:
    """Translate SQLAlchemy's errors about the state of a connection; not those of its statements.

    Raises:
        TransactionFailed: Its transaction has failed before.
        UnusableConnection: It is closed, or cannot be used here.
    """
    exceptions: Any = sys.modules["sqlalchemy.exc"]
    try:
        yield
    except exceptions.PendingRollbackError as error:
        raise transaction_failed(_ROLLBACK) from error
    except exceptions.MissingGreenlet as error:
        raise _asynchronous_engine(conn) from error
    except exceptions.UnboundExecutionError as error:
        raise UnusableConnection(
            f"The {name_of(conn)} does not say to which of its databases the jobs belong.",
            hint="Pass a connection: `session.connection(bind_arguments={…})`.",
        ) from error
    except exceptions.ResourceClosedError as error:
        raise UnusableConnection(
            f"The {name_of(conn)} is closed.", hint="Pass it before its block ends."
        ) from error
    except exceptions.InvalidRequestError as error:
        raise UnusableConnection(f"The {name_of(conn)} cannot be used: {error}") from error


def _require_greenlet(conn: object, dialect: Any) -> None:
    """Check that the driver of an asynchronous engine can be awaited here.

    SQLAlchemy raises an error only after it has called the driver.
    """
    # Not a public module: without it, SQLAlchemy's own error is translated.
    in_greenlet = getattr(sys.modules.get("sqlalchemy.util.concurrency"), "in_greenlet", None)
    if dialect.is_async and in_greenlet is not None and not in_greenlet():
        raise _asynchronous_engine(conn)


def _asynchronous_engine(conn: object) -> UnusableConnection:
    return UnusableConnection(
        f"The {name_of(conn)} belongs to an asynchronous engine.",
        hint="Pass the AsyncSession or the AsyncConnection to the method whose name does not end "
        "in _sync, or call this one inside `run_sync`.",
    )


def _driver_of_pooled(pooled: Any, expected: type[Any]) -> Any:
    """Return the driver's connection of what an engine's `raw_connection` returns."""
    driver = pooled.driver_connection
    if isinstance(driver, expected):
        return driver
    raise TypeError(
        f"The {name_of(pooled)} is of the driver {name_of(driver).partition('.')[0]}. Pass a "
        "Session or a Connection instead: with those, any driver can be used."
    )


def _time_zone(driver: Any) -> object:
    """Return the time zone that the server has reported to a driver; None if it does not say."""
    if hasattr(driver, "get_parameter_status"):  # psycopg2
        return driver.get_parameter_status("TimeZone")
    if hasattr(driver, "get_settings"):  # asyncpg
        return getattr(driver.get_settings(), "TimeZone", None)
    if isinstance(driver, AsyncConnection | Connection):
        return driver.info.parameter_status("TimeZone")
    return None


def _is_asynchronous(conn: object) -> bool:
    return _is(
        conn, "sqlalchemy.ext.asyncio", "AsyncSession", "async_scoped_session", "AsyncConnection"
    )


def _makes_asynchronous(conn: object) -> bool:
    return _is(conn, "sqlalchemy.ext.asyncio", "AsyncEngine", "async_sessionmaker")


def _is(conn: object, module: str, *names: str) -> bool:
    """Return whether the object is of one of the classes of a module, if that is loaded."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(conn, tuple(getattr(loaded, name) for name in names))
