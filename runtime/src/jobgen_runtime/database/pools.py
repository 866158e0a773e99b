"""The connection pools of records: one for each event loop, and one for synchronous code."""

from __future__ import annotations

import asyncio
import atexit
import os
import select
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, Connection, OperationalError
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.database.address import configuration, database_url, target_primary
from jobgen_runtime.database.sessions import detect_own_session, detect_own_session_sync

_Async = AsyncConnection[tuple[Any, ...]]
_Sync = Connection[tuple[Any, ...]]

_async_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncConnectionPool[_Async]] = (
    WeakKeyDictionary()
)
_closing: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()
_opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
_sync_pools: dict[int, ConnectionPool[_Sync]] = {}
_sync_opening = threading.Lock()

# Each statement commits by itself; `execute.py` opens a transaction for several. The server
# converts texts to and from the encoding of the database, whatever the role asks for.
_OPTIONS = {"autocommit": True, "client_encoding": "utf8"}


async def _configure(conn: _Async) -> None:
    await detect_own_session(conn)


def _configure_sync(conn: _Sync) -> None:
    detect_own_session_sync(conn)


def _is_readable(fileno: int) -> bool:
    """Return whether an idle connection's socket has something to read: mostly, its end."""
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return bool(poll.poll(0))


async def _check(conn: _Async) -> None:
    if _is_demoted(conn):
        await conn.close()
    # Costs no round trip normally, and saves users an error after a restart of the server.
    if conn.closed or _is_readable(conn.fileno()):
        await AsyncConnectionPool.check_connection(conn)


def _check_sync(conn: _Sync) -> None:
    if _is_demoted(conn):
        conn.close()
    if conn.closed or _is_readable(conn.fileno()):
        ConnectionPool.check_connection(conn)


def _is_demoted(conn: _Async | _Sync) -> bool:
    """Return whether a server that was the primary refuses writes now.

    The server reports that with its first refusal. For a new connection, libpq tries all hosts of
    the address.
    """
    if conn.info.parameter_status("default_transaction_read_only") != "on":
        return False
    return conn.info.get_parameters().get("target_session_attrs") in {"read-write", "primary"}


async def pool() -> AsyncConnectionPool[_Async]:
    """Return the pool of the running event loop; open it on first use.

    Raises:
        NoDatabase: No database is configured, or it does not answer.
    """
    loop = asyncio.get_running_loop()
    opened = _async_pools.get(loop)
    if opened is not None:
        return opened
    async with _opening.setdefault(loop, asyncio.Lock()):
        opened = _async_pools.get(loop)
        if opened is None:
            url = target_primary(database_url())
            # A pool would retry for half a minute, and not report the reason.
            try:
                await (await AsyncConnection.connect(url)).close()
            except OperationalError as error:
                raise _unreachable(error) from error
            opened = AsyncConnectionPool(
                url,
                kwargs=_OPTIONS,
                min_size=1,
                max_size=configuration.pool_size,
                configure=_configure,
                check=_check,
                open=False,
                name="jobgen",
            )
            await opened.open()
            _async_pools[loop] = opened
            _closing[loop] = loop.create_task(_close_with_loop(opened), name="jobgen-close")
    return opened


async def _close_with_loop(opened: AsyncConnectionPool[_Async]) -> None:
    """Close the pool when this task is cancelled, as `asyncio.run` cancels all tasks at its end.

    A task of the pool that is connecting takes its own cancellation for a failure and tries again:
    unless the pool is closed, the loop never ends.
    """
    with suppress(asyncio.CancelledError):
        await asyncio.get_running_loop().create_future()
    with suppress(OSError):
        await opened.close()


def pool_sync() -> ConnectionPool[_Sync]:
    """Return this process's pool for synchronous code; open it on first use.

    A forked child opens its own.

    Raises:
        NoDatabase: No database is configured, or it does not answer.
    """
    opened = _sync_pools.get(os.getpid())
    if opened is not None:
        return opened
    with _sync_opening:
        opened = _sync_pools.get(os.getpid())
        if opened is None:
            url = target_primary(database_url())
            try:
                Connection.connect(url).close()
            except OperationalError as error:
                raise _unreachable(error) from error
            opened = ConnectionPool(
                url,
                kwargs=_OPTIONS,
                min_size=1,
                max_size=configuration.pool_size,
                configure=_configure_sync,
                check=_check_sync,
                open=True,
                name="jobgen-sync",
            )
            _sync_pools[os.getpid()] = opened
            # Otherwise the pool's threads delay the interpreter's exit, and warn about it.
            atexit.register(close_pool_sync)
    return opened


async def close_pool() -> None:
    """Close the running event loop's pool, if it is open."""
    loop = asyncio.get_running_loop()
    if _async_pools.pop(loop, None) is not None:
        closing = _closing.pop(loop)
        # A task that is cancelled before its first step would not close the pool.
        await asyncio.sleep(0)
        closing.cancel()
        await closing


def close_pool_sync() -> None:
    """Close this process's pool for synchronous code, if it is open."""
    opened = _sync_pools.pop(os.getpid(), None)
    if opened is not None:
        opened.close()


def _unreachable(error: OperationalError) -> NoDatabase:
    return NoDatabase(
        f"The database does not answer: {error}",
        hint="Check that its server runs and that the address is right: "
        "DATABASE_URL, or the project's own server (`jobgen postgres status`).",
    )
