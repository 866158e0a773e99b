"""One session in one transaction that is rolled back at the end, in the place of all pools.

Connections of a pool are in autocommit mode: a statement that fails undoes itself, and nothing
else. Here each statement has a savepoint for that. The blocks of `conn.transaction()` become
savepoints by themselves, because the driver finds a transaction open.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, Connection, Error, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import InsufficientPrivilege
from psycopg.generators import execute
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.base_pool import WAIT_SECONDS
from jobgen_runtime.database.pool_errors import NoFreeConnection
from jobgen_runtime.database.pooled_session import PooledSession
from jobgen_runtime.database.sync_pool import SyncPool
from jobgen_runtime.sql import read

T = TypeVar("T")

_NEXT = b"RELEASE SAVEPOINT jobgen_statement; SAVEPOINT jobgen_statement"
_UNDO = b"ROLLBACK TO SAVEPOINT jobgen_statement"

_LOCK_POLL_SECONDS = 0.005
"""Seconds between two attempts of an event loop to get a lock that threads use, too."""

_has_session: ContextVar[bool] = ContextVar("has_session", default=False)
"""Whether the current code, or what has called it, has borrowed the session."""


class TransactionWasEnded(JobgenRuntimeError):
    """The code inside has ended the transaction that was to be rolled back."""


class RolledBackSession:
    """A session whose transaction is rolled back when it is closed."""

    def __init__(self, address: str, *, refuses_commit: bool = True) -> None:
        """Connect, and begin the transaction.

        Args:
            address: The database's address.
            refuses_commit: Whether a COMMIT fails, by a deferred constraint that is violated. It
                is noticed afterwards otherwise. SET CONSTRAINTS ALL IMMEDIATE fails as well.

        Raises:
            psycopg.Error: The server cannot be reached, or refuses.
        """
        self._session = PooledSession.open_sync(address)
        self._depths: list[AsyncConnection[Any] | Connection[Any]] = []
        self._sync = self._session.lend(RolledBackConnection)
        self._async = WeakKeyDictionary[asyncio.AbstractEventLoop, RolledBackAsyncConnection]()
        self._adopt(self._sync)
        self.borrowers, self.statements = threading.Lock(), threading.Lock()
        # Sent together, the first would be undone with the transaction.
        if self._session.owns_session:
            self._begin("write_nothing_later")
        self._begin("begin_rolled_back")
        # A role without the right to temporary tables: then a COMMIT is noticed afterwards.
        if refuses_commit:
            with suppress(InsufficientPrivilege):
                self._sync.execute(read("refuse_commit").encode(), prepare=False)

    def _begin(self, name: str) -> None:
        result = self._sync.pgconn.exec_(read(name).encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise OperationalError(result.error_message.decode(errors="replace"))

    def close(self) -> None:
        """Close the session: the server rolls its transaction back."""
        self._session.close()

    def sync_connection(self) -> Connection[Any]:
        """Return the connection of synchronous code."""
        return self._sync

    def async_connection(self) -> AsyncConnection[Any]:
        """Return the connection of the running event loop."""
        loop = asyncio.get_running_loop()
        conn = self._async.get(loop)
        if conn is None:
            conn = self._async[loop] = self._session.lend(RolledBackAsyncConnection)
            self._adopt(conn)
        return conn

    def guard(self, statement: PQGen[T]) -> PQGen[T]:
        """Run what the driver has for the server; after an error, undo it alone."""
        pgconn = self._session.pgconn
        status = pgconn.transaction_status
        if status == TransactionStatus.IDLE:
            raise TransactionWasEnded(
                "The transaction that is to be rolled back was ended by a statement, such as "
                "COMMIT or ROLLBACK.",
                hint="Use conn.transaction() instead, which becomes a savepoint.",
            )
        if not self._can_set_savepoint():
            return (yield from statement)
        yield from self._execute(_UNDO if status == TransactionStatus.INERROR else _NEXT)
        try:
            return (yield from statement)
        except Error:
            if pgconn.transaction_status == TransactionStatus.INERROR and (
                self._can_set_savepoint()
            ):
                yield from self._execute(_UNDO)
            raise

    def _can_set_savepoint(self) -> bool:
        """Return whether the session is between two statements, outside of savepoints of others."""
        pgconn = self._session.pgconn
        return (
            pgconn.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}
            and pgconn.pipeline_status == PipelineStatus.OFF
            and not any(conn._num_transactions for conn in self._depths)  # noqa: SLF001 -- has no public name
        )

    def _execute(self, command: bytes) -> PQGen[None]:
        pgconn = self._sync.pgconn
        pgconn.send_query(command)
        yield from execute(pgconn)

    def _adopt(self, conn: RolledBackAsyncConnection | RolledBackConnection) -> None:
        conn.rolled_back = self
        self._depths.append(conn)


class RolledBackAsyncConnection(AsyncConnection[Any]):
    """A connection that neither commits nor rolls back by itself."""

    rolled_back: RolledBackSession

    async def wait(self, gen: PQGen[T], *arguments: Any, **more: Any) -> T:
        """Run what the driver has for the server, as `guard` does."""
        return await super().wait(self.rolled_back.guard(gen), *arguments, **more)

    async def commit(self) -> None:
        """Do nothing, as in autocommit mode."""

    async def rollback(self) -> None:
        """Do nothing, as in autocommit mode."""


class RolledBackConnection(Connection[Any]):
    """The synchronous version of `RolledBackAsyncConnection`."""

    rolled_back: RolledBackSession

    def wait(self, gen: PQGen[T], *arguments: Any, **more: Any) -> T:
        """Run what the driver has for the server, as `guard` does."""
        return super().wait(self.rolled_back.guard(gen), *arguments, **more)

    def commit(self) -> None:
        """Do nothing, as in autocommit mode."""

    def rollback(self) -> None:
        """Do nothing, as in autocommit mode."""


class RolledBackAsyncPool(AsyncPool):
    """Lend the one session to the code of all event loops.

    Whoever has it may borrow it again; others wait.
    """

    def __init__(self, session: RolledBackSession) -> None:
        super().__init__(lambda: "", 1)
        self._rolled_back = session

    @asynccontextmanager
    async def connection(
        self,
        timeout: float = WAIT_SECONDS,  # noqa: ASYNC109 -- as the base has it
    ) -> AsyncIterator[AsyncConnection[Any]]:
        """Lend the connection; see `AsyncPool.connection`."""
        if _has_session.get():
            yield self._rolled_back.async_connection()
            return
        async with _held(self._rolled_back.borrowers, timeout):
            _has_session.set(True)
            try:
                yield self._rolled_back.async_connection()
            finally:
                _has_session.set(False)

    @asynccontextmanager
    async def for_statements(self) -> AsyncIterator[AsyncConnection[Any]]:
        """Use the connection inside of a savepoint; see `AsyncPool.for_statements`."""
        statements = self._rolled_back.statements
        async with (
            self.connection() as conn,
            _held(statements, WAIT_SECONDS),
            conn.transaction(),
        ):
            yield conn


class RolledBackSyncPool(SyncPool):
    """Lend the one session to threads; the synchronous version of `RolledBackAsyncPool`."""

    def __init__(self, session: RolledBackSession) -> None:
        super().__init__(lambda: "", 1)
        self._rolled_back = session

    @contextmanager
    def connection(self, timeout: float = WAIT_SECONDS) -> Iterator[Connection[Any]]:
        """Lend the connection; see `SyncPool.connection`."""
        if _has_session.get():
            yield self._rolled_back.sync_connection()
            return
        with _held_sync(self._rolled_back.borrowers, timeout):
            _has_session.set(True)
            try:
                yield self._rolled_back.sync_connection()
            finally:
                _has_session.set(False)

    @contextmanager
    def for_statements(self) -> Iterator[Connection[Any]]:
        """Use the connection inside of a savepoint; see `SyncPool.for_statements`."""
        statements = self._rolled_back.statements
        with self.connection() as conn, _held_sync(statements, WAIT_SECONDS), conn.transaction():
            yield conn


@asynccontextmanager
async def _held(lock: threading.Lock, seconds: float) -> AsyncIterator[None]:
    deadline = time.monotonic() + seconds
    while not lock.acquire(blocking=False):
        if time.monotonic() >= deadline:
            raise _busy(seconds)
        await asyncio.sleep(_LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _held_sync(lock: threading.Lock, seconds: float) -> Iterator[None]:
    if not lock.acquire(timeout=max(seconds, 0)):
        raise _busy(seconds)
    try:
        yield
    finally:
        lock.release()


def _busy(seconds: float) -> NoFreeConnection:
    return NoFreeConnection(
        f"The connection was not free within {seconds:g} s: the transaction that is to be "
        "rolled back has only one.",
        hint="A task or thread that was started before waits for one that has the connection.",
    )
