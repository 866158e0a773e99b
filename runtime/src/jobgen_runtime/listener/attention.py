"""Which tables' changes notify: those that a worker relies on to be woken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import scalar_row

from jobgen_runtime.sql import read


class Attention:
    """Of one session, and for as long as it lasts. Tables are named as statements name them."""

    def __init__(self, conn: AsyncConnection[Any]) -> None:
        self._conn = conn
        self._attended: set[str] = set()
        self._settled: set[str] = set()

    async def attend(self, tables: Collection[str]) -> set[str]:
        """From now on, changes of these tables notify.

        Returns those of which a change may still come that does not: one that was under way. They
        are to be looked at, and this is to be called again. Raises psycopg.Error.
        """
        unsettled = set(tables) - self._settled
        if unsettled - self._attended:
            self._attended |= await self._ask("attend", unsettled - self._attended)
        if unsettled:
            under_way = await self._ask("under_way", unsettled)
            self._settled |= (unsettled & self._attended) - under_way
        return unsettled - self._settled

    async def neglect(self, tables: Iterable[str]) -> None:
        """They need not notify any more. Raises psycopg.Error."""
        attended = self._attended.intersection(tables)
        if attended:
            self._attended -= attended
            self._settled -= attended
            await self._ask("neglect", attended)

    async def _ask(self, name: str, tables: Iterable[str]) -> set[str]:
        async with AsyncCursor(self._conn, row_factory=scalar_row) as cursor:
            await cursor.execute(read(name).encode(), {"tables": sorted(tables)})
            return set(await cursor.fetchall())
