"""One LISTEN for all tables."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.database.links import Link
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

CHANNEL = "job_workers"

ANSWER = 5.0
"""Seconds that the database has to say that this session still listens."""


class Listener:
    """Calls `wake` with the name of each table that has something new, None for any of them.

    Makes sure every `check` seconds that it still hears: LISTEN can die without a word. Calls
    `hear` with False where the database lets nobody listen, and with True once it does.
    """

    def __init__(
        self,
        link: Link,
        wake: Callable[[str | None], None],
        hear: Callable[[bool], None],
        *,
        check: float,
    ) -> None:
        self.settled = asyncio.Event()
        """Set while it listens, or where it cannot."""
        self._link = link
        self._wake = wake
        self._hear = hear
        self._check = check

    async def run(self) -> None:
        """Listens until it is cancelled."""
        while True:
            conn = await self._link.connection()
            wait = 0.2
            try:
                if self._link.owns_session and await self._listens(conn):
                    self._settle(hears=True)
                    await self._pass_on(conn)
                else:
                    self._settle(hears=False)
                    wait = self._check
            except (Error, OSError, TimeoutError) as error:
                log.info("listening anew: %s", str(error).strip() or "no answer")
                self.settled.clear()
            await self._link.close()
            await asyncio.sleep(wait)

    def _settle(self, *, hears: bool) -> None:
        self._hear(hears)
        self.settled.set()

    async def _listens(self, conn: AsyncConnection[Any]) -> bool:
        try:
            await conn.execute("LISTEN job_workers")
        except Error:
            if conn.closed:
                raise
            return False
        # What came before is in the tables.
        self._wake(None)
        return await self._hears(conn)

    async def _pass_on(self, conn: AsyncConnection[Any]) -> None:
        while True:
            async for notification in conn.notifies(timeout=self._check):
                log.debug("notified: %s", notification.payload)
                self._wake(notification.payload)
            if not await self._hears(conn):
                return

    async def _hears(self, conn: AsyncConnection[Any]) -> bool:
        async with asyncio.timeout(ANSWER):
            cursor = await conn.execute(read("hears").encode())
            return (CHANNEL,) in await cursor.fetchall()
