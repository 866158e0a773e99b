"""The connection pool of synchronous code."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Error

from jobgen_runtime.contract.context import current_job
from jobgen_runtime.database.base_pool import MAX_IDLE, WAIT_SECONDS, BasePool
from jobgen_runtime.database.pool_state import Request
from jobgen_runtime.database.pooled_session import PooledSession


class SyncPool(BasePool):
    """Lend connections to the threads of a process; see `BasePool`.

    The pool starts no thread, so each use closes the sessions that have been idle for long.
    """

    @contextmanager
    def connection(self, timeout: float = WAIT_SECONDS) -> Iterator[Connection[Any]]:
        """Lend a connection; the synchronous version of `AsyncPool.connection`."""
        with self._borrow(lends=True, seconds=timeout) as conn, conn:
            yield conn

    @contextmanager
    def for_statements(self) -> Iterator[Connection[Any]]:
        """Use a connection; the synchronous version of `AsyncPool.for_statements`."""
        with self._borrow(lends=False, seconds=WAIT_SECONDS) as conn:
            yield conn

    @contextmanager
    def _borrow(self, *, lends: bool, seconds: float) -> Iterator[Connection[Any]]:
        self.close_idle(unused_for=MAX_IDLE)
        granted = threading.Event()
        owner = current_job.get() or threading.get_ident()
        request = Request(owner, lends, seconds, granted.set)
        with self._ending(request):
            session = self._acquire(request, granted)
            yield session.lend(Connection)

    def _acquire(self, request: Request, granted: threading.Event) -> PooledSession:
        while True:
            granted.clear()
            self._state.submit(request)
            while not request.is_granted:
                granted.wait(self._seconds_to_wait(request))
            if request.session is None:
                self._open(request)
            if request.session is not None and request.session.is_ready_sync():
                return request.session
            self._drop(request)

    def _open(self, request: Request) -> None:
        address, parameters = self._connection(request)
        try:
            session = PooledSession.open_sync(address, **parameters)
        except (Error, OSError) as error:
            time.sleep(self._failed(request, error))
        else:
            self._opened(request, session, address)
