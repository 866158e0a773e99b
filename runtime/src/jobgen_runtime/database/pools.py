"""The connection pools of records: one for each event loop, and one for synchronous code."""

from __future__ import annotations

import atexit
import os
import threading

from jobgen_runtime.database.address import database_url, pool_size, target_primary
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.loop_pools import LoopPools
from jobgen_runtime.database.sync_pool import SyncPool


def _address() -> str:
    return target_primary(database_url())


_async_pools = LoopPools(lambda: AsyncPool(_address, pool_size()))
_sync_pools: dict[int, SyncPool] = {}
_sync_opening = threading.Lock()


async def pool() -> AsyncPool:
    """Return the pool of the running event loop; it connects when it is used."""
    return _async_pools.get()


def pool_sync() -> SyncPool:
    """Return this process's pool for synchronous code; it connects when it is used.

    A forked child gets its own.
    """
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


async def close_pool() -> None:
    """Close the running event loop's pool, if it is open."""
    _async_pools.close()


def close_pool_sync() -> None:
    """Close this process's pool for synchronous code, if it is open."""
    opened = _sync_pools.pop(os.getpid(), None)
    if opened is not None:
        opened.close()
