"""Connections for records: a pool for each event loop, and one for plain code."""

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

from jobgen_runtime.contract import NoDatabase
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

# Each statement commits by itself; several of one call run in a transaction of their own.
_OPTIONS = {"autocommit": True}


async def _configure(conn: _Async) -> None:
    await detect_own_session(conn)


def _configure_sync(conn: _Sync) -> None:
    detect_own_session_sync(conn)


def _has_news(fileno: int) -> bool:
    """Whether an idle connection's socket has something to read: most often its end."""
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return bool(poll.poll(0))


async def _check(conn: _Async) -> None:
    if _is_demoted(conn):
        await conn.close()
    # Costs no round trip while all is well, and spares users the error after a restart.
    if conn.closed or _has_news(conn.fileno()):
        await AsyncConnectionPool.check_connection(conn)


def _check_sync(conn: _Sync) -> None:
    if _is_demoted(conn):
        conn.close()
    if conn.closed or _has_news(conn.fileno()):
        ConnectionPool.check_connection(conn)


def _is_demoted(conn: _Async | _Sync) -> bool:
    """Whether the server was to take writes, and takes none any more.

    It says so with its answer to the first that it refuses. For another connection, libpq tries
    all hosts of the address.
    """
    if conn.info.parameter_status("default_transaction_read_only") != "on":
        return False
    return conn.info.get_parameters().get("target_session_attrs") in {"read-write", "primary"}


async def pool() -> AsyncConnectionPool[_Async]:
    """The pool of the running event loop.

    Raises NoDatabase where nothing says which, or it does not answer.
    """
    loop = asyncio.get_running_loop()
    opened = _async_pools.get(loop)
    if opened is not None:
        return opened
    async with _opening.setdefault(loop, asyncio.Lock()):
        opened = _async_pools.get(loop)
        if opened is None:
            url = target_primary(database_url())
            # A pool would try on for half a minute, and then not say what was wrong.
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
    """Closes the pool when it is cancelled, as `asyncio.run` does with all tasks at the end.

    A task of the pool that is connecting takes that for a failure, and goes on: without being told
    to end it would hold up the loop's end for ever.
    """
    with suppress(asyncio.CancelledError):
        await asyncio.get_running_loop().create_future()
    with suppress(OSError):
        await opened.close()


def pool_sync() -> ConnectionPool[_Sync]:
    """The pool of this process's plain code; a forked child gets one of its own.

    Raises NoDatabase where nothing says which, or it does not answer.
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
            # Else the pool's threads hold up the interpreter's end, and complain.
            atexit.register(close_pool_sync)
    return opened


async def close_pool() -> None:
    """Closes the running event loop's pool, if there is one."""
    loop = asyncio.get_running_loop()
    if _async_pools.pop(loop, None) is not None:
        closing = _closing.pop(loop)
        # One that is cancelled before its first step closes nothing.
        await asyncio.sleep(0)
        closing.cancel()
        await closing


def close_pool_sync() -> None:
    """Closes the pool of this process's plain code, if there is one."""
    opened = _sync_pools.pop(os.getpid(), None)
    if opened is not None:
        opened.close()


def _unreachable(error: OperationalError) -> NoDatabase:
    return NoDatabase(
        f"The database does not answer: {error}",
        hint="See that its server runs and that the address is right: "
        "DATABASE_URL, or the project's own server (`jobgen postgres status`).",
    )
