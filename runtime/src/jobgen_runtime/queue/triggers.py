"""The triggers that wake workers: what is missing, and making it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import tuple_row

from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class Unwoken:
    """A table that does not wake workers, by its place in a list, and what makes its triggers."""

    place: int
    statements: tuple[str, ...]


class Triggers:
    """Of the tables of one worker."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tables

    async def unwoken(self, conn: AsyncConnection[Any]) -> list[Unwoken]:
        """The tables that unwoken one. Triggers that someone has disabled are left as they are."""
        names = [table.sql_name for table in self._tables]
        async with AsyncCursor(conn, row_factory=tuple_row) as cursor:
            await cursor.execute(read("unwoken").encode(), {"tables": names})
            return [
                Unwoken(
                    place, trigger_statements(self._tables[place], insert=insert, update=update)
                )
                for place, insert, update in await cursor.fetchall()
            ]

    async def make(self, conn: AsyncConnection[Any], unwoken: Unwoken) -> None:
        """Makes them in one transaction, at once or not at all.

        Raises psycopg.errors.LockNotAvailable where someone has a lock that it would have to wait
        for, and InsufficientPrivilege.
        """
        lock = Names(self._tables[unwoken.place]).compose("lock_for_trigger").as_string(None)
        # Statements that are sent as one are one transaction.
        await conn.execute(";\n".join((lock, *unwoken.statements)).encode())


def trigger_statements(table: Table, *, insert: bool, update: bool) -> tuple[str, ...]:
    """What makes the triggers on INSERT and on UPDATE."""
    wanted = {"wake_on_insert": insert, "wake_on_update": update}
    return tuple(
        Names(table)
        .compose(
            name,
            trigger=sql.Identifier(object_name(table.name, name)),
            wake_job_workers=sql.Identifier("wake_job_workers"),
        )
        .as_string(None)
        .strip()
        for name, missing in wanted.items()
        if missing
    )
