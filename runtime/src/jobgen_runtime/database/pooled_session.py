"""A session of a pool, which stays open between two borrowers."""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, TypeVar, cast
from weakref import WeakSet

from psycopg import AsyncConnection, Connection, Error
from psycopg.abc import PQGen
from psycopg.generators import execute
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.waiting import wait, wait_async

from jobgen_runtime.contract.descriptors import redirect_to_null
from jobgen_runtime.database.sessions import (
    detect_own_session,
    detect_own_session_sync,
    wrong_settings,
)
from jobgen_runtime.sql import read

C = TypeVar("C", bound=AsyncConnection[Any] | Connection[Any])

MAX_AGE = 3600.0
"""Seconds after which a session is not used again."""

# Each statement commits by itself; `execute.py` opens a transaction for several. The server
# converts texts to and from the encoding of the database, whatever the role asks for.
_PARAMETERS: dict[str, Any] = {"autocommit": True, "client_encoding": "utf8"}

_WAIT_INTERVAL = 0.1
"""Seconds after which a wait looks for Ctrl-C; the driver's default."""

_CLOSE_WAIT_MS = 1000
"""Milliseconds to wait at the end for a server that has not answered."""

_open_sessions = WeakSet["PooledSession"]()


def _leave_sessions_to_parent() -> None:
    """Make sure that nothing a forked process does reaches its parent's sessions.

    It may leave a block with a transaction by an exception, which would roll that back.
    """
    redirect_to_null(list(_open_sessions))


os.register_at_fork(after_in_child=_leave_sessions_to_parent)

_SUCCESSES = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}


class PooledSession:
    """A session, and a new connection object for each borrower.

    When a session is returned, the statements that reset it are sent without waiting for their
    answers. These are read when the session is next borrowed, and most have arrived by then. So the
    next borrower does not see what a statement, a trigger or a function has left behind.

    Args:
        conn: The connection that was opened.
        settings: The names of the statements to run again after each reset. None behind a pooler,
            which resets its sessions itself, and knows no prepared statements.

    Attributes:
        pgconn: The connection to the server.
        idle_since: When it was last returned.
    """

    def __init__(
        self, conn: AsyncConnection[Any] | Connection[Any], settings: Sequence[str] | None
    ) -> None:
        self.pgconn = conn.pgconn
        # Libraries that trace statements have `connect` make connections with cursors of theirs.
        self._kind, self._cursor_factory = type(conn), conn.cursor_factory
        self.idle_since = self._opened_at = monotonic()
        self._reset = None if settings is None else _statements("reset_session", *settings)
        self._is_resetting = False
        self._prepared: Any = None
        target = conn.info.get_parameters().get("target_session_attrs")
        self._needs_primary = target in {"read-write", "primary"}
        mark_as_pooled(conn)
        _open_sessions.add(self)

    @classmethod
    async def open(cls, conninfo: str, **parameters: Any) -> PooledSession:
        """Open a session.

        Args:
            conninfo: The server's address.
            parameters: Further parameters of the connection.

        Raises:
            psycopg.Error: The server cannot be reached, or refuses.
        """
        conn = await AsyncConnection.connect(conninfo, **_PARAMETERS, **parameters)
        try:
            settings = wrong_settings(conn, own=True)
            return cls(conn, settings if await detect_own_session(conn) else None)
        except BaseException:
            await conn.close()
            raise

    @classmethod
    def open_sync(cls, conninfo: str, **parameters: Any) -> PooledSession:
        """Open a session; the synchronous version of `open`."""
        conn = Connection.connect(conninfo, **_PARAMETERS, **parameters)
        try:
            settings = wrong_settings(conn, own=True)
            return cls(conn, settings if detect_own_session_sync(conn) else None)
        except BaseException:
            conn.close()
            raise

    @property
    def owns_session(self) -> bool:
        """Whether the connection has the session to itself, without a pooler."""
        return self._reset is not None

    def lend(self, kind: type[C]) -> C:
        """Return a connection object in autocommit mode, with nothing set on it."""
        conn = kind(self.pgconn)
        mark_as_pooled(conn)
        private = cast("Any", conn)
        private._autocommit = True  # noqa: SLF001 -- the driver's setter is a coroutine
        if isinstance(conn, self._kind):
            private.cursor_factory = self._cursor_factory
        if self._reset is None:
            conn.prepare_threshold = None
        elif self._prepared is None:
            self._prepared = private._prepared  # noqa: SLF001 -- has no public name
        else:
            private._prepared = self._prepared  # noqa: SLF001 -- has no public name
        return conn

    def reset(self, *, keep_prepared: bool) -> bool:
        """Send the statements that reset the session, without waiting for their answers.

        Args:
            keep_prepared: Whether the borrower was one call of the runtime, so that all prepared
                statements are the driver's own. They and its list of them stay.

        Returns:
            Whether the session can be used again. If not, it is to be closed.
        """
        self.idle_since = monotonic()
        if not self._is_idle() or self._is_outdated():
            return False
        if self._reset is None:
            return True
        statements = self._reset
        if not keep_prepared:
            statements += b";\n" + _statements("deallocate_statements")
            self._prepared = None
        try:
            self.pgconn.send_query(statements)
        except Error:
            return False
        self._is_resetting = True
        return True

    async def is_ready(self) -> bool:
        """Return whether the session was reset and can be used. Otherwise, close it."""
        with suppress(Error):
            return await wait_async(self._check(), self.pgconn.socket, _WAIT_INTERVAL)
        return False

    def is_ready_sync(self) -> bool:
        """Return whether the session can be used; the synchronous version of `is_ready`."""
        with suppress(Error):
            return wait(self._check(), self.pgconn.socket, _WAIT_INTERVAL)
        return False

    def fileno(self) -> int:
        """Return the descriptor of the connection.

        Raises:
            psycopg.OperationalError: The session is closed.
        """
        return self.pgconn.socket

    def close(self) -> None:
        """Close the session.

        A server logs an error if it answers a client that is gone, so this waits for the answer.
        """
        with suppress(Error):
            while self._is_resetting and self._has_input(wait_ms=_CLOSE_WAIT_MS):
                self.pgconn.consume_input()
                while self._is_resetting and not self.pgconn.is_busy():
                    self._is_resetting = self.pgconn.get_result() is not None
        self.pgconn.finish()

    def _check(self) -> PQGen[bool]:
        """Read what the server has sent since the return, in the way of the driver."""
        # So the end of a session that the server has terminated is noticed too.
        while self._has_input():
            self.pgconn.consume_input()
        if self._is_resetting:
            results = yield from execute(self.pgconn)
            self._is_resetting = False
            if any(result.status not in _SUCCESSES for result in results):
                return False
        return self._is_idle() and not self._is_outdated()

    def _has_input(self, *, wait_ms: int = 0) -> bool:
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(wait_ms))

    def _is_idle(self) -> bool:
        return (
            self.pgconn.transaction_status == TransactionStatus.IDLE
            and self.pgconn.pipeline_status == PipelineStatus.OFF
        )

    def _is_outdated(self) -> bool:
        """Return whether the session has reached MAX_AGE, or its server is no longer the primary.

        The server reports the latter with its first refusal of a write. For a new session, libpq
        tries all hosts of the address.
        """
        if monotonic() - self._opened_at > MAX_AGE:
            return True
        read_only = self.pgconn.parameter_status(b"default_transaction_read_only")
        return self._needs_primary and read_only == b"on"


def _statements(*names: str) -> bytes:
    return b";\n".join(read(name).strip().encode() for name in names)


def mark_as_pooled(conn: AsyncConnection[Any] | Connection[Any]) -> None:
    """Keep `async with conn` from closing it, and the driver from warning that it stays open."""
    cast("Any", conn)._pool = True  # noqa: SLF001 -- what the driver's own pools set
