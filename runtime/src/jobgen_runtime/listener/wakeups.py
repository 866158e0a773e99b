"""Enable notifications of the tables for which a worker relies on being woken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import scalar_row

from jobgen_runtime.sql import read


class Wakeups:
    """The wakeups that one session has enabled, for as long as it lasts.

    Tables are named as in statements, quoted. Every method raises psycopg.Error.
    """

    def __init__(self, conn: AsyncConnection[Any]) -> None:
        self._conn = conn
        self._enabled: set[str] = set()
        self._settled: set[str] = set()
        """Enabled tables without a change in flight that may commit without a notification."""

    async def enable(self, tables: Collection[str]) -> set[str]:
        """Make changes of these tables notify from now on.

        Returns:
            The tables with a change in flight that may not notify. Poll them, and call this again.
        """
        unsettled = set(tables) - self._settled
        if unsettled - self._enabled:
            self._enabled |= await self._query("enable_wakeups", unsettled - self._enabled)
        if unsettled:
            in_flight = await self._query("changes_in_flight", unsettled)
            self._settled |= (unsettled & self._enabled) - in_flight
        return unsettled - self._settled

    async def disable(self, tables: Iterable[str]) -> None:
        """Let changes of these tables commit without a notification."""
        enabled = self._enabled.intersection(tables)
        if enabled:
            self._enabled -= enabled
            self._settled -= enabled
            await self._query("disable_wakeups", enabled)

    async def _query(self, name: str, tables: Iterable[str]) -> set[str]:
        async with AsyncCursor(self._conn, row_factory=scalar_row) as cursor:
            await cursor.execute(read(name).encode(), {"tables": sorted(tables)})
            return set(await cursor.fetchall())
