"""The connection pools of records: one for each event loop, and one for synchronous code."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary, ref

from jobgen_runtime.database.address import database_url, pool_size, target_primary
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.sync_pool import SyncPool


class LoopPools:
    """A pool for each event loop that asks for one.

    Args:
        create: Creates the pool of the running event loop.
    """

    def __init__(self, create: Callable[[], AsyncPool]) -> None:
        self._create = create
        # The loop keeps its pool, see `AsyncPool`. From here, the pool would keep the loop.
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, ref[AsyncPool]] = (
            WeakKeyDictionary()
        )

    def get(self) -> AsyncPool:
        """Return the pool of the running event loop; create it on first use."""
        loop = asyncio.get_running_loop()
        found = self._pools.get(loop)
        pool = None if found is None else found()
        if pool is None or pool.pid != os.getpid():
            self._close_idle_of_stopped_loops()
            pool = self._create()
            self._pools[loop] = ref(pool)
        return pool

    def close(self) -> None:
        """Close the pool of the running event loop, if there is one."""
        found = self._pools.pop(asyncio.get_running_loop(), None)
        pool = None if found is None else found()
        if pool is not None:
            pool.close()

    def _close_idle_of_stopped_loops(self) -> None:
        """Close what loops keep that were dropped, and that the garbage collector finds late."""
        for loop, found in list(self._pools.items()):
            pool = found()
            if pool is not None and pool.pid == os.getpid() and not loop.is_running():
                pool.close_idle()


_async_pools = LoopPools(
    lambda: AsyncPool(target_primary(database_url()), pool_size()),
)
_sync_pools: dict[int, SyncPool] = {}
_sync_opening = threading.Lock()


async def pool() -> AsyncPool:
    """Return the pool of the running event loop; it connects when it is used.

    Raises:
        NoDatabase: No database is configured.
    """
    return _async_pools.get()


def pool_sync() -> SyncPool:
    """Return this process's pool for synchronous code; it connects when it is used.

    A forked child gets its own.

    Raises:
        NoDatabase: No database is configured.
    """
    opened = _sync_pools.get(os.getpid())
    if opened is not None:
        return opened
    with _sync_opening:
        opened = _sync_pools.get(os.getpid())
        if opened is None:
            opened = SyncPool(target_primary(database_url()), pool_size())
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
