"""Makes triggers again that were dropped, so that the worker hears of new jobs at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue.triggers import Lack, Triggers
from jobgen_runtime.record import Table

log = logging.getLogger("jobgen.worker")


class Upkeep:
    """Looks after the triggers of a worker's tables. Without them, the worker polls."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tables
        self._triggers = Triggers(tables)
        self._told: set[Lack] = set()
        self.lacking = False
        """Whether a table had no triggers at the last look, and could not get them."""

    async def look(self, conn: AsyncConnection[Any]) -> list[int]:
        """The places of the tables whose triggers were made again.

        Raises psycopg.Error where the connection broke.
        """
        try:
            lacks = await self._triggers.lacks(conn)
        except Error:
            if conn.closed:
                raise
            return []
        self._told.intersection_update(lacks)
        made = [lack.place for lack in lacks if await self._made(conn, lack)]
        self.lacking = len(made) < len(lacks)
        return made

    async def _made(self, conn: AsyncConnection[Any], lack: Lack) -> bool:
        name = self._tables[lack.place].qualified_name
        try:
            await self._triggers.make(conn, lack)
        except LockNotAvailable:
            # Whoever writes to the table just now goes first; the next look may find it free.
            return False
        except Error as error:
            if is_lost(conn, error):
                raise
            if lack not in self._told:
                statements = "\n".join(f"{statement};" for statement in lack.statements)
                log.warning(
                    "%s has lost what wakes workers, so they poll, and it cannot be made again"
                    " (%s). This does it:\n%s",
                    name,
                    str(error).strip(),
                    statements,
                )
                self._told.add(lack)
            return False
        log.warning("%s had lost what wakes workers: it was made again", name)
        return True
