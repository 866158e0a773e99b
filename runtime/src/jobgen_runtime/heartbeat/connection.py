"""The heartbeat's connection, which another thread aborts when the database falls silent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.sessions import is_lost, set_timeouts
from jobgen_runtime.database.worker_connection import abort_connection
from jobgen_runtime.database.worker_sessions import open_worker_session_sync


class HeartbeatConnection:
    """Open a connection as it is needed. One thread uses it; any thread may abort it."""

    def __init__(self, conninfo: str, *, silence: float) -> None:
        """Prepare to connect.

        Args:
            conninfo: The connection string of the database.
            silence: Seconds after which `abort_if_silent` aborts the connection.
        """
        self._conninfo = conninfo
        self._silence = silence
        self._conn: Connection[Any] | None = None
        self._waiting_since: float | None = None

    @contextmanager
    def use(self) -> Iterator[Connection[Any]]:
        """Open the connection if necessary, and watch that the database answers.

        Raises:
            psycopg.Error: The database does not answer, or refuses the connection.
            OSError: Its host cannot be reached.
        """
        try:
            if self._conn is None or self._conn.closed:
                self._conn, owns_session = open_worker_session_sync(self._conninfo)
                self._waiting_since = now()
                if owns_session:
                    set_timeouts(self._conn)
            self._waiting_since = now()
            yield self._conn
        finally:
            self._waiting_since = None

    def abort_if_silent(self) -> None:
        """Make the statements in progress fail if the database has not answered for too long."""
        waiting_since = self._waiting_since
        if waiting_since is not None and now() - waiting_since > self._silence:
            abort_connection(self._conn)

    def is_refusal(self, error: Exception) -> bool:
        """Return whether the database answered with this error, and the connection still works."""
        return self._conn is not None and not is_lost(self._conn, error)

    def drop_if_lost(self, error: Exception) -> None:
        """Close the connection if it cannot be used any more after the error."""
        if self._conn is not None and is_lost(self._conn, error):
            self._conn.close()

    def fileno(self) -> int:
        """Return the file descriptor of the open connection, or -1."""
        return -1 if self._conn is None or self._conn.closed else self._conn.fileno()

    def close(
        self, *, timeout: float, last: Callable[[Connection[Any]], object] | None = None
    ) -> None:
        """Close the connection if it was opened. Errors are suppressed.

        Args:
            timeout: Seconds to wait for the database, which may never answer.
            last: What to execute before.
        """
        if self._conn is None:
            return
        abort = threading.Timer(timeout, abort_connection, (self._conn,))
        abort.daemon = True
        abort.start()
        with suppress(Error, OSError):
            if last is not None:
                last(self._conn)
            self._conn.close()
        abort.cancel()
