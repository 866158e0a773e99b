"""One LISTEN for all tables."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.database.links import Link

log = logging.getLogger("jobgen.worker")

CHANNEL = "job_workers"

ANSWER = 5.0
"""Seconds that the database has to say that this session still listens."""


class Listener:
    """Calls `wake` with the name of each table that has something new, None for any of them.

    Makes sure every `check` seconds that it still hears: LISTEN can die without a word.
    """

    def __init__(self, link: Link, wake: Callable[[str | None], None], *, check: float) -> None:
        self.listening = asyncio.Event()
        self._link = link
        self._wake = wake
        self._check = check

    async def run(self) -> None:
        """Listens until it is cancelled."""
        while True:
            conn = await self._link.connection()
            try:
                await conn.execute("LISTEN job_workers")
                self.listening.set()
                # What came before is in the tables.
                self._wake(None)
                while await self._hears(conn):
                    async for notification in conn.notifies(timeout=self._check):
                        log.debug("notified: %s", notification.payload)
                        self._wake(notification.payload)
            except (Error, OSError, TimeoutError) as error:
                log.info("listening anew: %s", str(error).strip() or "no answer")
            self.listening.clear()
            await self._link.close()
            await asyncio.sleep(0.2)

    async def _hears(self, conn: AsyncConnection[Any]) -> bool:
        async with asyncio.timeout(ANSWER):
            cursor = await conn.execute("SELECT pg_catalog.pg_listening_channels()")
            return (CHANNEL,) in await cursor.fetchall()
