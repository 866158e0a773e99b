"""One LISTEN for all tables."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Future
from collections.abc import Callable, Collection
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.database.links import Link
from jobgen_runtime.listener.attention import Attention
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

CHANNEL = "job_workers"

ANSWER = 5.0
"""Seconds that the database has to say that this session still listens."""


class Listener:
    """Calls `wake` with the name of each attended table that has something new, None for any.

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
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._listening = False
        self._asked: tuple[Collection[str], Future[set[str]]] | None = None
        self._neglected: set[str] = set()

    async def attend(self, tables: Collection[str]) -> set[str]:
        """From now on, `wake` is called for changes of these tables, one caller at a time.

        Returns those of which a change may still come for which it is not: see Attention. Where
        nobody can listen, that is all of them.
        """
        self._neglected.difference_update(tables)
        if not self._listening:
            return set(tables)
        answer: Future[set[str]] = self._loop.create_future()
        self._asked = tables, answer
        self._news.set()
        return await answer

    def neglect(self, table: str) -> None:
        """The table is looked at anyhow: its changes need not call `wake` until it is attended."""
        if table not in self._neglected:
            self._neglected.add(table)
            self._news.set()

    async def run(self) -> None:
        """Listens until it is cancelled."""
        while True:
            conn = await self._link.connection()
            wait = 0.2
            try:
                if self._link.owns_session and await self._listens(conn):
                    self._settle(hears=True)
                    await self._serve(conn)
                else:
                    self._settle(hears=False)
                    wait = self._check
            except (Error, OSError, TimeoutError) as error:
                log.info("listening anew: %s", str(error).strip() or "no answer")
                self.settled.clear()
                # The worker finds out by itself what has become of the database.
                self._wake(None)
            finally:
                self._stop()
            await self._link.close()
            await asyncio.sleep(wait)

    def _settle(self, *, hears: bool) -> None:
        self._hear(hears)
        self.settled.set()

    async def _listens(self, conn: AsyncConnection[Any]) -> bool:
        # Of what comes with the answer to a statement.
        conn.add_notify_handler(lambda notification: self._pass_on(notification.payload))
        try:
            await conn.execute("LISTEN job_workers")
        except Error:
            if conn.closed:
                raise
            return False
        # What came before is in the tables.
        self._wake(None)
        return await self._hears(conn)

    async def _serve(self, conn: AsyncConnection[Any]) -> None:
        """Passes on what comes, and does what is asked, as long as this session hears."""
        attention, self._listening = Attention(conn), True
        check_at = self._loop.time() + self._check
        while True:
            await self._wait(conn, check_at - self._loop.time())
            self._receive(conn)
            if self._neglected:
                async with asyncio.timeout(ANSWER):
                    await attention.neglect(self._neglected)
            if self._asked:
                async with asyncio.timeout(ANSWER):
                    self._answer(await attention.attend(self._asked[0]))
            if self._loop.time() >= check_at:
                if not await self._hears(conn):
                    return
                check_at = self._loop.time() + self._check

    async def _wait(self, conn: AsyncConnection[Any], seconds: float) -> None:
        """Until it has failed, is asked something, or so long; passes on what comes meanwhile."""
        timer = self._loop.call_later(max(seconds, 0), self._news.set)
        self._loop.add_reader(conn.fileno(), self._on_readable, conn)
        try:
            await self._news.wait()
        finally:
            self._loop.remove_reader(conn.fileno())
            timer.cancel()
        self._news.clear()

    def _on_readable(self, conn: AsyncConnection[Any]) -> None:
        try:
            self._receive(conn)
        except Error:
            # `_serve` meets it again, and knows what to do.
            self._news.set()

    def _receive(self, conn: AsyncConnection[Any]) -> None:
        conn.pgconn.consume_input()
        while notification := conn.pgconn.notifies():
            self._pass_on(notification.extra.decode())

    def _pass_on(self, payload: str) -> None:
        log.debug("notified: %s", payload)
        self._wake(payload)

    def _stop(self) -> None:
        self._listening = False
        if self._asked:
            self._answer(set(self._asked[0]))

    def _answer(self, unsettled: set[str]) -> None:
        if self._asked and not self._asked[1].done():
            self._asked[1].set_result(unsettled)
        self._asked = None

    async def _hears(self, conn: AsyncConnection[Any]) -> bool:
        async with asyncio.timeout(ANSWER):
            cursor = await conn.execute(read("hears").encode())
            return (CHANNEL,) in await cursor.fetchall()
