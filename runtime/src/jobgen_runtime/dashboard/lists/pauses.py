"""Read which kinds are paused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, LockNotAvailable, UndefinedTable
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement


@dataclass(frozen=True)
class Pauses:
    """The paused kinds."""

    by_name: Mapping[tuple[str, str], Moment] = field(default_factory=dict)
    """When a kind was paused, by the schema and the name of its table."""

    def since(self, table: JobTable) -> Moment | None:
        """Return when a kind was paused; None if it is not."""
        return self.by_name.get((table.schema, table.name))


async def read_pauses(conn: AsyncConnection[Any]) -> Pauses:
    """Return all paused kinds; none from an older schema, or to a role that may not read them."""
    try:
        async with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(statement("read_pauses"))
            found = await cursor.fetchall()
    except (InsufficientPrivilege, LockNotAvailable, UndefinedTable):
        return Pauses()
    return Pauses({(schema, name): Moment(epoch) for schema, name, epoch in found})
