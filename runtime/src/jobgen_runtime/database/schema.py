"""Install the runtime's own objects in the database: RuntimeSchema.sql."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import scalar_row

from jobgen_runtime.database.connection_argument import (
    require_async_connection,
    require_sync_connection,
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
    return tuple(split_statements(read("DropRuntimeSchema")))


async def schema_version(conn: AsyncConnection[Any]) -> int | None:
    """Return the version installed in current_schema(); None if there is none."""
    require_async_connection(conn)
    cursor = conn.cursor(row_factory=scalar_row)
    await cursor.execute(read("runtime_schema_exists").encode())
    if not await cursor.fetchone():
        return None
    await cursor.execute(read("runtime_schema_version").encode())
    version: int | None = await cursor.fetchone()
    return version


def schema_version_sync(conn: Connection[Any]) -> int | None:
    """Return the installed version; the synchronous version of `schema_version`."""
    require_sync_connection(conn)
    cursor = conn.cursor(row_factory=scalar_row)
    if not cursor.execute(read("runtime_schema_exists").encode()).fetchone():
        return None
    version: int | None = cursor.execute(read("runtime_schema_version").encode()).fetchone()
    return version


async def install_schema(conn: AsyncConnection[Any]) -> None:
    """Install the runtime's own objects in current_schema(), or update them to this version.

    Objects of a newer version are left unchanged. Inside the caller's transaction, nothing is
    committed.
    """
    if (await schema_version(conn) or 0) <= SCHEMA_VERSION:
        await conn.execute(runtime_schema().encode())


def install_schema_sync(conn: Connection[Any]) -> None:
    """Install the runtime's own objects; the synchronous version of `install_schema`."""
    if (schema_version_sync(conn) or 0) <= SCHEMA_VERSION:
        conn.execute(runtime_schema().encode())
