"""Makes triggers again that were dropped, so that the worker hears of new jobs at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue.triggers import Triggers, Unwoken
from jobgen_runtime.table import Table

log = logging.getLogger("jobgen.worker")


class Upkeep:
    """Looks after the triggers of a worker's tables. Without them, the worker polls."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tables
        self._triggers = Triggers(tables)
        self._told: set[Unwoken] = set()
        self.lacking = False
        """Whether a table had no triggers at the last look, and could not get them."""

    async def look(self, conn: AsyncConnection[Any]) -> list[int]:
        """The places of the tables whose triggers were made again.

        Raises psycopg.Error where the connection broke.
        """
        try:
            found = await self._triggers.unwoken(conn)
        except Error:
            if conn.closed:
                raise
            return []
        self._told.intersection_update(found)
        made = [unwoken.place for unwoken in found if await self._made(conn, unwoken)]
        self.lacking = len(made) < len(found)
        return made

    async def _made(self, conn: AsyncConnection[Any], unwoken: Unwoken) -> bool:
        name = self._tables[unwoken.place].qualified_name
        try:
            await self._triggers.make(conn, unwoken)
        except LockNotAvailable:
            # Whoever writes to the table just now goes first; the next look may find it free.
            return False
        except Error as error:
            if is_lost(conn, error):
                raise
            if unwoken not in self._told:
                statements = "\n".join(f"{statement};" for statement in unwoken.statements)
                log.warning(
                    "%s has lost what wakes workers, so they poll, and it cannot be made again"
                    " (%s). This does it:\n%s",
                    name,
                    str(error).strip(),
                    statements,
                )
                self._told.add(unwoken)
            return False
        log.warning("%s had lost what wakes workers: it was made again", name)
        return True
