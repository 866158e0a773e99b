"""The completer's connection, and whether completions can be written over it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.database.worker_connection import WorkerConnection

log = logging.getLogger("jobgen.worker")

STOP_CLAIMING_AFTER_SECONDS = 2.0
"""How long the connection may be away before no more jobs are started."""

Conn = AsyncConnection[Any]


class CompletionConnection:
    """Keep the connection open, also while there is nothing to write.

    A job whose completion cannot be written would run again elsewhere. So the worker starts no job
    before the connection is open, nor while it is lost for longer than a moment: the role or the
    server may have no connection left.
    """

    def __init__(
        self,
        connection: WorkerConnection,
        *,
        on_change: Callable[[str | None], None],
        is_outage_known: Callable[[], bool],
    ) -> None:
        """Prepare to open the connection.

        Args:
            connection: The connection.
            on_change: Called with the server's reason once completions cannot be written, and with
                None once they can.
            is_outage_known: Returns whether another connection reports that the database is away.
        """
        self.opened = asyncio.Event()
        """Set once the connection has been open for the first time."""
        self.can_write = False
        """Whether the connection is open, or has been lost only for a moment."""
        self._connection = connection
        self._on_change = on_change
        self._is_outage_known = is_outage_known
        self._is_logged = False
        self._timer: asyncio.TimerHandle | None = None
        self._watched_socket: int | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def timeline(self) -> int | None:
        """The timeline of the server that it is connected to; None if unknown."""
        return self._connection.timeline

    async def open(self) -> Conn:
        """Return the open connection, and wait for the database as long as it takes."""
        current = self._connection.current
        if current is not None:
            return current
        self._timer = self._loop.call_later(STOP_CLAIMING_AFTER_SECONDS, self._note_absence)
        try:
            conn = await self._connection.connection()
        finally:
            self._timer.cancel()
        if not self.can_write:
            self.can_write = True
            self.opened.set()
            self._on_change(None)
        if self._is_logged:
            self._is_logged = False
            log.info("completions can be written again")
        return conn

    async def wait(self, event: asyncio.Event) -> None:
        """Wait until the event is set; a connection that breaks meanwhile sets it."""
        conn = self._connection.current
        if event.is_set() or conn is None:
            return
        self._watched_socket = conn.fileno()
        self._loop.add_reader(self._watched_socket, self._receive, conn, event)
        try:
            await event.wait()
        finally:
            self._unwatch()

    def abort(self) -> None:
        """Make a statement in progress fail now; the next use opens another connection."""
        self._connection.abort()

    async def close(self) -> None:
        """Close the connection; the next use opens another."""
        await self._connection.close()

    def _receive(self, conn: Conn, event: asyncio.Event) -> None:
        try:
            conn.pgconn.consume_input()
        except Error as error:
            log.debug("the connection for completions broke: %s", str(error).strip())
            self._unwatch()
            event.set()

    def _unwatch(self) -> None:
        if self._watched_socket is not None:
            self._loop.remove_reader(self._watched_socket)
            self._watched_socket = None

    def _note_absence(self) -> None:
        reason = self._connection.failure or "the server has not answered yet"
        self.can_write = False
        self._on_change(reason)
        if self._is_outage_known():
            # Logged by that connection; this one may stay away for longer.
            self._timer = self._loop.call_later(STOP_CLAIMING_AFTER_SECONDS, self._note_absence)
        elif not self._is_logged:
            self._is_logged = True
            log.error("completions cannot be written, so no jobs are started: %s", reason)
