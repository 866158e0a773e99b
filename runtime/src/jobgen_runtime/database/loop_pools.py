"""Keep one pool for each event loop, until the loop is closed or dropped."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from weakref import WeakKeyDictionary, finalize, ref

from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.base_pool import MAX_IDLE, close_session
from jobgen_runtime.database.pooled_session import PooledSession

_SWEEP_INTERVAL = 60.0
"""Seconds between two checks for sessions that are no longer needed."""


class LoopPools:
    """A pool for each event loop that asks for one.

    Args:
        create: Creates the pool of the running event loop.
    """

    def __init__(self, create: Callable[[], AsyncPool]) -> None:
        self._create = create
        # The loop keeps its pool, by `_Anchor`. From here, the pool would keep the loop.
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
            _Anchor(pool).hold()
        return pool

    def close(self) -> None:
        """Close the pool of the running event loop, if there is one."""
        found = self._pools.pop(asyncio.get_running_loop(), None)
        pool = None if found is None else found()
        if pool is not None:
            pool.close()

    def close_all(self) -> None:
        """Close the pools of all event loops, from any thread."""
        for loop, pool in self._open_pools():
            self._pools.pop(loop, None)
            pool.close()

    def _close_idle_of_stopped_loops(self) -> None:
        """Close the idle sessions of loops that have stopped, or await garbage collection."""
        for loop, pool in self._open_pools():
            if pool.pid == os.getpid() and not loop.is_running():
                pool.close_idle()

    def _open_pools(self) -> list[tuple[asyncio.AbstractEventLoop, AsyncPool]]:
        """Return the pools with their loops, while other threads may add and remove some."""
        opened = []
        # `items()` would fail if another thread added a pool. This copies the keys in one step.
        for reference in self._pools.keyrefs():
            loop = reference()
            found = None if loop is None else self._pools.get(loop)
            pool = None if found is None else found()
            if loop is not None and pool is not None:
                opened.append((loop, pool))
        return opened


class _Anchor:
    """Tie a pool to its event loop: only a timer of the loop refers to this object.

    When the loop is closed it drops its timers. When it is dropped itself, they go with it.
    """

    def __init__(self, pool: AsyncPool) -> None:
        self._pool = pool
        self._loop = ref(asyncio.get_running_loop())
        finalize(self, _close_all, pool.sessions, pool.pid)

    def hold(self) -> None:
        """Close sessions that are no longer needed, and schedule the next check."""
        if self._pool.pid != os.getpid():
            return
        self._pool.close_idle(unused_for=0 if self._pool.is_closed else MAX_IDLE)
        if (loop := self._loop()) is not None:
            loop.call_later(_SWEEP_INTERVAL, self.hold)


def _close_all(sessions: set[PooledSession], pid: int) -> None:
    # The end of a connection in a forked child would end that of its parent.
    if pid == os.getpid():
        for session in list(sessions):
            close_session(sessions, session)
