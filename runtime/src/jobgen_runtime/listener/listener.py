"""LISTEN for all tables, over the connection that claims.

A session that has just said that there is work is the quickest to take it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Iterable
from typing import Any

from psycopg import AsyncConnection, Error, OperationalError

from jobgen_runtime.listener.attention import Attention
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

CHANNEL = "job_workers"


class Listener:
    """Calls `wake` with the name of each attended table that has something new, None for any.

    Makes sure every `check` seconds that it still hears: LISTEN can die without a word. Calls
    `hear` with False where the database lets nobody listen, and with True once it does.
    """

    def __init__(
        self,
        wake: Callable[[str | None], None],
        hear: Callable[[bool], None],
        *,
        check: float,
    ) -> None:
        self.settled = asyncio.Event()
        """Set once it listens, or has found that it cannot."""
        self._wake = wake
        self._hear = hear
        self._check = check
        self._check_at = -math.inf
        self._conn: AsyncConnection[Any] | None = None
        self._attention: Attention | None = None
        self._reading: int | None = None
        self._loop = asyncio.get_running_loop()

    def is_due(self, conn: AsyncConnection[Any]) -> bool:
        """Whether it is time to `look`: it is another connection, or it was long ago."""
        return conn is not self._conn or self._loop.time() >= self._check_at

    async def look(self, conn: AsyncConnection[Any], *, owns_session: bool) -> None:
        """Listens over this connection from now on, or makes sure that it does.

        `owns_session`: see Link. Raises psycopg.Error where the connection broke; it breaks one
        that has fallen silent.
        """
        if conn is not self._conn:
            self._conn, self._attention = conn, None
            # Of what comes with the answer to a statement.
            conn.add_notify_handler(lambda notification: self._pass_on(notification.payload))
        self._check_at = self._loop.time() + self._check
        if self._attention is not None:
            await self._make_sure(conn)
        elif owns_session and await self._listens(conn):
            self._attention = Attention(conn)
            # What came before is in the tables.
            self._wake(None)
        self._hear(self._attention is not None)
        self.settled.set()

    async def attend(self, tables: Collection[str]) -> Collection[str]:
        """From now on, `wake` is called for changes of these tables.

        Returns those of which a change may still come for which it is not: see Attention. Where
        nobody can listen, that is all of them. Raises psycopg.Error.
        """
        return tables if self._attention is None else await self._attention.attend(tables)

    async def neglect(self, tables: Iterable[str]) -> None:
        """They are looked at anyhow: their changes need not call `wake` until they are attended.

        Raises psycopg.Error.
        """
        if self._attention is not None:
            await self._attention.neglect(tables)

    def start(self) -> None:
        """Passes on what comes without a statement. None may be sent until `stop`."""
        if self._conn is not None and not self._conn.closed:
            self._reading = self._conn.fileno()
            self._loop.add_reader(self._reading, self._receive, self._conn)
            # What has come behind the last answer makes the socket readable no more.
            self._receive(self._conn)

    def stop(self) -> None:
        """The end of `start`."""
        if self._reading is not None:
            self._loop.remove_reader(self._reading)
            self._reading = None

    def _receive(self, conn: AsyncConnection[Any]) -> None:
        try:
            conn.pgconn.consume_input()
            while notification := conn.pgconn.notifies():
                self._pass_on(notification.extra.decode())
        except Error as error:
            log.info("the connection broke: %s", str(error).strip())
            self.stop()
            self._wake(None)

    def _pass_on(self, payload: str) -> None:
        log.debug("notified: %s", payload)
        self._wake(payload)

    async def _listens(self, conn: AsyncConnection[Any]) -> bool:
        try:
            await conn.execute("LISTEN job_workers")
        except Error:
            if conn.closed:
                raise
            return False
        return await self._hears(conn)

    async def _make_sure(self, conn: AsyncConnection[Any]) -> None:
        if not await self._hears(conn):
            await conn.close()
            raise OperationalError("the session had stopped to listen, and is replaced")

    async def _hears(self, conn: AsyncConnection[Any]) -> bool:
        cursor = await conn.execute(read("hears").encode())
        return (CHANNEL,) in await cursor.fetchall()
