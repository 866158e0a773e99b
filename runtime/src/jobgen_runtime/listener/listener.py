"""LISTEN for all tables, over the connection that claims.

The session that has just received a notification is the quickest to claim the job.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Collection, Iterable
from typing import Any, Protocol

from psycopg import AsyncConnection, Error, OperationalError

from jobgen_runtime.listener.wakeups import Wakeups
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

CHANNEL = "job_workers"


class ListenerObserver(Protocol):
    """The worker that a listener reports to."""

    def on_notification(self, payload: str | None) -> None:
        """Note a notification. Its payload names a table as `schema.table`; None: any table."""

    def on_listening_changed(self, is_listening: bool) -> None:
        """Note at each check whether LISTEN works over this connection."""


class Listener:
    """Pass notifications of tables with wakeups enabled to an observer.

    LISTEN can fall silent without an error, so it is verified every `check_every` seconds.
    """

    def __init__(self, observer: ListenerObserver, *, check_every: float) -> None:
        self.settled = asyncio.Event()
        """Set once it listens, or has found that it cannot."""
        self._observer = observer
        self._check_every = check_every
        self._check_at = -math.inf
        self._conn: AsyncConnection[Any] | None = None
        self._wakeups: Wakeups | None = None
        self._watched_socket: int | None = None
        self._loop = asyncio.get_running_loop()

    def is_due(self, conn: AsyncConnection[Any]) -> bool:
        """Return whether to call `check`: for a new connection, or long after the last check."""
        return conn is not self._conn or self._loop.time() >= self._check_at

    async def check(self, conn: AsyncConnection[Any], *, owns_session: bool) -> None:
        """Start to listen over a new connection, or verify that the session still listens.

        Args:
            conn: The worker's connection.
            owns_session: Whether the session is this connection's alone: see WorkerConnection.

        Raises:
            psycopg.Error: The connection broke. One that has fallen silent is closed first.
        """
        if conn is not self._conn:
            self._conn, self._wakeups = conn, None
            # For notifications that arrive together with the answer to a statement.
            conn.add_notify_handler(lambda notification: self._pass_on(notification.payload))
        self._check_at = self._loop.time() + self._check_every
        if self._wakeups is not None:
            await self._verify(conn)
        elif owns_session and await self._listen(conn):
            self._wakeups = Wakeups(conn)
            # Earlier changes did not notify this session.
            self._observer.on_notification(None)
        self._observer.on_listening_changed(self._wakeups is not None)
        self.settled.set()

    async def enable_wakeups(self, tables: Collection[str]) -> Collection[str]:
        """Make changes of these tables notify from now on.

        Returns:
            The tables with a change in flight that may not notify; all of them if LISTEN does not
            work.

        Raises:
            psycopg.Error: The database failed.
        """
        return tables if self._wakeups is None else await self._wakeups.enable(tables)

    async def disable_wakeups(self, tables: Iterable[str]) -> None:
        """Let changes of these tables commit without a notification.

        Raises:
            psycopg.Error: The database failed.
        """
        if self._wakeups is not None:
            await self._wakeups.disable(tables)

    def start(self) -> None:
        """Receive notifications while idle; no statement may be sent until `stop`."""
        if self._conn is not None and not self._conn.closed:
            self._watched_socket = self._conn.fileno()
            self._loop.add_reader(self._watched_socket, self._receive, self._conn)
            # Notifications that arrived behind the last answer do not make the socket readable
            # again.
            self._receive(self._conn)

    def stop(self) -> None:
        """Stop receiving, so that statements may be sent."""
        if self._watched_socket is not None:
            self._loop.remove_reader(self._watched_socket)
            self._watched_socket = None

    def _receive(self, conn: AsyncConnection[Any]) -> None:
        try:
            conn.pgconn.consume_input()
            while notification := conn.pgconn.notifies():
                self._pass_on(notification.extra.decode())
        except Error as error:
            log.info("the connection broke: %s", str(error).strip())
            self.stop()
            self._observer.on_notification(None)

    def _pass_on(self, payload: str) -> None:
        log.debug("notified: %s", payload)
        self._observer.on_notification(payload)

    async def _listen(self, conn: AsyncConnection[Any]) -> bool:
        try:
            await conn.execute(read("listen").encode())
        except Error:
            if conn.closed:
                raise
            return False
        return await self._is_listening(conn)

    async def _verify(self, conn: AsyncConnection[Any]) -> None:
        if not await self._is_listening(conn):
            await conn.close()
            raise OperationalError("The session no longer listens; opening another.")

    async def _is_listening(self, conn: AsyncConnection[Any]) -> bool:
        cursor = await conn.execute(read("listening_channels").encode())
        return (CHANNEL,) in await cursor.fetchall()
