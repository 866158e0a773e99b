"""Let all code use the session of a connection that a test has, inside of its transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, Connection, Error
from psycopg.abc import PQGen
from psycopg.pq import PipelineStatus, TransactionStatus

from jobgen_runtime.database.callers import (
    AsyncCallerConnection,
    AsyncDriverConnection,
    CallerConnection,
    DriverConnection,
    resolve,
    resolve_sync,
)
from jobgen_runtime.database.pooled_session import mark_as_pooled
from jobgen_runtime.database.pools import replace_pools
from jobgen_runtime.database.rolled_back import (
    RolledBackAsyncConnection,
    RolledBackAsyncPool,
    RolledBackConnection,
    RolledBackSession,
    RolledBackSyncPool,
)
from jobgen_runtime.testing.errors import TestingError

T = TypeVar("T")
C = TypeVar("C", bound=AsyncConnection[Any] | Connection[Any])

_BEGIN = b"SAVEPOINT jobgen_statement"
_END = b"RELEASE SAVEPOINT jobgen_statement"
_UNDO = b"ROLLBACK TO SAVEPOINT jobgen_statement; RELEASE SAVEPOINT jobgen_statement"


@contextmanager
def using_caller_session(conn: AsyncConnection[Any] | Connection[Any]) -> Iterator[None]:
    """Let records and jobs that are given no connection use this one's session for a while."""
    pgconn = conn.pgconn
    handlers = pgconn.notice_handler, pgconn.notify_handler
    session = _CallerSession(conn)
    try:
        with replace_pools(RolledBackAsyncPool(session), RolledBackSyncPool(session)):
            yield
    finally:
        pgconn.notice_handler, pgconn.notify_handler = handlers


def driver_connection_sync(conn: CallerConnection) -> Connection[Any]:
    """Return the psycopg connection that a connection or session of a library uses.

    Its transaction is begun, unless it commits each statement.

    Raises:
        TypeError: It is not a connection that synchronous code can use.
        TestingError: It uses another driver, or its transaction has failed.
    """
    found = resolve_sync(_not_a_class(conn))
    used = found.conn if isinstance(found, DriverConnection) else found
    if not isinstance(used, Connection):
        raise _other_driver(conn)
    _require_usable(used)
    if used.info.transaction_status == TransactionStatus.IDLE and not used.autocommit:
        used.execute("SELECT")
    return used


async def driver_connection(conn: AsyncCallerConnection) -> AsyncConnection[Any]:
    """Return the psycopg connection; the asynchronous version of `driver_connection_sync`."""
    found = await resolve(_not_a_class(conn))
    used = found.conn if isinstance(found, AsyncDriverConnection) else found
    if not isinstance(used, AsyncConnection):
        raise _other_driver(conn)
    _require_usable(used)
    if used.info.transaction_status == TransactionStatus.IDLE and not used.autocommit:
        await used.execute("SELECT")
    return used


def _not_a_class(conn: object) -> object:
    if isinstance(conn, type):
        raise TestingError(
            f"The connection to drain with must not be the class {conn.__name__}.",
            hint=f"To run one kind of job only: drain_sync(kinds=[{conn.__name__}]).",
        )
    return conn


def _other_driver(conn: object) -> TestingError:
    kind = type(conn)
    return TestingError(
        f"The {kind.__module__}.{kind.__qualname__} to drain with does not use psycopg 3. Jobs can "
        "run inside of a transaction of that driver only.",
        hint="Let the tests connect with it (postgresql+psycopg://… for SQLAlchemy), or commit "
        "what they write, and drain without a connection.",
    )


def _require_usable(conn: AsyncConnection[Any] | Connection[Any]) -> None:
    if conn.closed:
        raise TestingError("The connection to drain with is closed.")
    if conn.info.transaction_status == TransactionStatus.INERROR:
        raise TestingError(
            "The transaction of the connection to drain with has failed: a statement before raised "
            "an error.",
            hint="Roll it back first, or put that statement into a savepoint.",
        )


class _CallerSession(RolledBackSession):
    """The session of a connection whose transaction somebody else began, and will end.

    Each statement has a separate savepoint, which does not outlive it: other code uses
    savepoints of this session, too.
    """

    def __init__(self, conn: AsyncConnection[Any] | Connection[Any]) -> None:
        self._lender = conn
        self._depths = []
        self._sync = self._lend(RolledBackConnection)
        self._async = WeakKeyDictionary()
        self.borrowers, self.statements = threading.Lock(), threading.Lock()

    def close(self) -> None:
        """Leave the session to its owner."""

    def async_connection(self) -> AsyncConnection[Any]:
        """Return the connection of the running event loop."""
        loop = asyncio.get_running_loop()
        conn = self._async.get(loop)
        if conn is None:
            conn = self._async[loop] = self._lend(RolledBackAsyncConnection)
        return conn

    def guard(self, statement: PQGen[T]) -> PQGen[T]:
        """Run what the driver has for the server; after an error, undo it alone."""
        if not self._can_begin():
            return (yield from statement)
        yield from self._execute(_BEGIN)
        try:
            result = yield from statement
        except Error:
            if self._lender.pgconn.transaction_status == TransactionStatus.INERROR:
                yield from self._execute(_UNDO)
            raise
        # A statement that has opened a block with a savepoint would end it with this one.
        if self._can_begin():
            yield from self._execute(_END)
        return result

    def _can_begin(self) -> bool:
        pgconn = self._lender.pgconn
        return (
            pgconn.transaction_status == TransactionStatus.INTRANS
            and pgconn.pipeline_status == PipelineStatus.OFF
            and not any(conn._num_transactions for conn in self._depths)  # noqa: SLF001 -- has no public name
        )

    def _lend(self, kind: type[C]) -> C:
        conn = kind(self._lender.pgconn)
        mark_as_pooled(conn)
        # The caller's connection has prepared statements of the same names.
        conn.prepare_threshold = None
        cast("Any", conn)._autocommit = True  # noqa: SLF001 -- the driver's setter is a coroutine
        self._adopt(cast("Any", conn))
        return conn
