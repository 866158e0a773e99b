"""Install the runtime's own objects in the database: RuntimeSchema.sql."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import scalar_row

from jobgen_runtime.database.callers import (
    AsyncCallerConnection,
    AsyncDriverConnection,
    AsyncTextConnection,
    CallerConnection,
    DriverConnection,
    TextConnection,
    resolve,
    resolve_sync,
)
from jobgen_runtime.sql import read
from jobgen_runtime.sql.split import split_statements

SCHEMA_VERSION = 3
"""The version of the schema after RuntimeSchema.sql has run."""


def runtime_schema() -> str:
    """Return the text of RuntimeSchema.sql, for tools that install it themselves."""
    return read("RuntimeSchema")


def runtime_schema_statements() -> tuple[str, ...]:
    """Return the statements of RuntimeSchema.sql, for drivers that take one at a time."""
    return tuple(split_statements(runtime_schema()))


def drop_runtime_schema_statements() -> tuple[str, ...]:
    """Return the statements that drop what RuntimeSchema.sql creates.

    They fail while a table of jobs exists.
    """
    return tuple(split_statements(read("drop_runtime_schema")))


async def schema_version(conn: AsyncCallerConnection) -> int | None:
    """Return the version installed in current_schema(); None if there is none."""
    cursor = (await _driver(conn)).cursor(row_factory=scalar_row)
    await cursor.execute(read("runtime_schema_exists").encode())
    if not await cursor.fetchone():
        return None
    await cursor.execute(read("runtime_schema_version").encode())
    version: int | None = await cursor.fetchone()
    return version


def schema_version_sync(conn: CallerConnection) -> int | None:
    """Return the installed version; the synchronous version of `schema_version`."""
    cursor = _driver_sync(conn).cursor(row_factory=scalar_row)
    if not cursor.execute(read("runtime_schema_exists").encode()).fetchone():
        return None
    version: int | None = cursor.execute(read("runtime_schema_version").encode()).fetchone()
    return version


async def install_schema(conn: AsyncCallerConnection) -> None:
    """Install the runtime's own objects in current_schema(), or update them to this version.

    Objects of a newer version are left unchanged. Inside the caller's transaction, nothing is
    committed.
    """
    if (await schema_version(conn) or 0) <= SCHEMA_VERSION:
        await (await _driver(conn)).execute(runtime_schema().encode())


def install_schema_sync(conn: CallerConnection) -> None:
    """Install the runtime's own objects; the synchronous version of `install_schema`."""
    if (schema_version_sync(conn) or 0) <= SCHEMA_VERSION:
        _driver_sync(conn).execute(runtime_schema().encode())


async def _driver(conn: AsyncCallerConnection) -> AsyncConnection[Any]:
    """Return the driver's connection.

    Raises:
        TypeError: The driver is not psycopg 3, which alone sends several statements at once.
    """
    used = await resolve(conn)
    if isinstance(used, AsyncTextConnection):
        raise _other_driver()
    return used.conn if isinstance(used, AsyncDriverConnection) else used


def _driver_sync(conn: CallerConnection) -> Connection[Any]:
    """Return the driver's connection; the synchronous version of `_driver`."""
    used = resolve_sync(conn)
    if isinstance(used, TextConnection):
        raise _other_driver()
    return used.conn if isinstance(used, DriverConnection) else used


def _other_driver() -> TypeError:
    return TypeError(
        "The runtime's schema is installed over psycopg 3, and this connection has another driver."
        " Pass a psycopg.Connection."
    )
