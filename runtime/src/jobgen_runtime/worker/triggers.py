"""Recreate dropped triggers, so that the database wakes the worker at once for new jobs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.errors import LockNotAvailable
from psycopg.rows import tuple_row

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.preflight.fixes import create_wake_triggers, lock_for_trigger
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

log = logging.getLogger("jobgen.worker")


@dataclass(frozen=True, slots=True)
class MissingTriggers:
    """A table without all of its wake triggers, and the statements that create the missing ones."""

    table: Table
    statements: tuple[str, ...]


class TriggerRepair:
    """Check a worker's tables for dropped wake triggers. Without them, the worker polls.

    Triggers that someone has disabled are left as they are.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {table.sql_name: table for table in tables}
        self._reported: set[tuple[str, ...]] = set()
        self.is_incomplete = False
        """Whether triggers were missing at the last check, and could not be created."""

    async def repair(self, conn: AsyncConnection[Any]) -> list[str]:
        """Create what is missing; return the qualified names of the tables that were repaired.

        Raises:
            psycopg.Error: The connection broke.
        """
        try:
            found = await self._find(conn)
        except Error:
            if conn.closed:
                raise
            return []
        self._reported.intersection_update(missing.statements for missing in found)
        repaired = [m.table.qualified_name for m in found if await self._create(conn, m)]
        self.is_incomplete = len(repaired) < len(found)
        return repaired

    async def _find(self, conn: AsyncConnection[Any]) -> list[MissingTriggers]:
        async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
            query = read("missing_triggers").encode()
            await cursor.execute(query, {"tables": list(self._tables)})
            return [
                MissingTriggers(table, create_wake_triggers(table, insert=insert, update=update))
                for sql_name, insert, update in await cursor.fetchall()
                if (table := self._tables[sql_name])
            ]

    async def _create(self, conn: AsyncConnection[Any], missing: MissingTriggers) -> bool:
        name, statements = missing.table.qualified_name, missing.statements
        lock = lock_for_trigger(missing.table)
        try:
            # Statements that are sent together are one transaction.
            await conn.execute(";\n".join((lock, *statements)).encode())
        except LockNotAvailable:
            # Sessions that write to the table go first; the next check may find it free.
            return False
        except Error as error:
            if is_lost(conn, error):
                raise
            if statements not in self._reported:
                log.warning(
                    "cannot recreate the wake triggers on %s (%s); workers poll until you run:\n%s",
                    name,
                    str(error).strip(),
                    "\n".join(f"{statement};" for statement in statements),
                )
                self._reported.add(statements)
            return False
        log.warning("recreated wake triggers on %s", name)
        return True
