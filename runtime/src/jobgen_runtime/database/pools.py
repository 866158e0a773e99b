"""The connection pools of records: one for each event loop, and one for synchronous code."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Connection

from jobgen_runtime.database.address import (
    configuration,
    database_url,
    pool_size,
    target_primary,
)
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.base_pool import WAIT_SECONDS
from jobgen_runtime.database.loop_pools import LoopPools
from jobgen_runtime.database.sync_pool import SyncPool


def _address() -> str:
    return target_primary(database_url())


_async_pools = LoopPools(lambda: AsyncPool(_address, pool_size()))
_sync_pools: dict[int, SyncPool] = {}
_sync_opening = threading.Lock()


def _renew_lock() -> None:
    """Replace the lock, which another thread of the parent may have held during the fork."""
    global _sync_opening  # noqa: PLW0603 -- as the pools, it belongs to the process
    _sync_opening = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)


@dataclass(frozen=True, slots=True)
class _Replacement:
    """What is used instead of the pools of this process."""

    async_pool: Callable[[], AsyncPool]
    sync_pool: SyncPool
    close_async: Callable[[], None] = lambda: None


_replacement: _Replacement | None = None


@contextmanager
def replace_pools(async_pool: AsyncPool, sync_pool: SyncPool) -> Iterator[None]:
    """Let all code of this process use these pools during the block, in every event loop."""
    with _replaced(_Replacement(lambda: async_pool, sync_pool)):
        yield


@contextmanager
def use_database(url: str) -> Iterator[None]:
    """Let all code of this process use another database during the block, with separate pools."""
    address = target_primary(url)
    async_pools = LoopPools(lambda: AsyncPool(lambda: address, pool_size()))
    sync_pool = SyncPool(lambda: address, pool_size())
    previous, configuration.url = configuration.url, url
    try:
        with _replaced(_Replacement(async_pools.get, sync_pool, async_pools.close)):
            yield
    finally:
        configuration.url = previous
        async_pools.close_all()
        sync_pool.close()


@contextmanager
def _replaced(replacement: _Replacement) -> Iterator[None]:
    global _replacement  # noqa: PLW0603 -- as the pools, it belongs to the process
    previous, _replacement = _replacement, replacement
    try:
        yield
    finally:
        _replacement = previous


async def pool() -> AsyncPool:
    """Return the pool of the running event loop; it connects when it is used."""
    if _replacement is not None:
        return _replacement.async_pool()
    return _async_pools.get()


def pool_sync() -> SyncPool:
    """Return this process's pool for synchronous code; it connects when it is used.

    A forked child gets its own.
    """
    if _replacement is not None:
        return _replacement.sync_pool
    opened = _sync_pools.get(os.getpid())
    if opened is not None:
        return opened
    with _sync_opening:
        opened = _sync_pools.get(os.getpid())
        if opened is None:
            opened = SyncPool(_address, pool_size())
            _sync_pools[os.getpid()] = opened
            atexit.register(close_pool_sync)
    return opened


@asynccontextmanager
async def connection(
    *,
    timeout: float = WAIT_SECONDS,  # noqa: ASYNC109 -- as psycopg's pools have it
) -> AsyncIterator[AsyncConnection[tuple[Any, ...]]]:
    """Borrow a connection of the pool of the running event loop.

    Use it as `async with connection() as conn`. It is in autocommit mode: each statement commits by
    itself. For a transaction, open `async with conn.transaction()` on it. A transaction that is
    still open at the end of the block is committed, or rolled back after an error.

    Args:
        timeout: Seconds to wait until a connection is free.

    Raises:
        NoDatabase: No database is configured, or it rejects the connection or has never answered.
        NoFreeConnection: No connection is free in time, or none ever could be.
    """
    async with (await pool()).connection(timeout) as conn:
        yield conn


@contextmanager
def connection_sync(*, timeout: float = WAIT_SECONDS) -> Iterator[Connection[tuple[Any, ...]]]:
    """Borrow a connection of the pool; the synchronous version of `connection`."""
    with pool_sync().connection(timeout) as conn:
        yield conn


async def close_pool() -> None:
    """Close the running event loop's pool, if it is open."""
    if _replacement is not None:
        _replacement.close_async()
    _async_pools.close()


def close_pool_sync() -> None:
    """Close this process's pool for synchronous code, if it is open."""
    opened = _sync_pools.pop(os.getpid(), None)
    if opened is not None:
        opened.close()
