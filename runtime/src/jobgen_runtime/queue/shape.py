"""Whether a job's table has what a worker needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import class_row

from jobgen_runtime.sql import read
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table has: its columns, the indexes that a worker's statements go by, its triggers.

    `is_of_this_runtime`: its status is of the enum that the search_path finds, and so are the
    runtime's other objects that go with it. `disabled_on_…` name triggers that someone has
    disabled.
    """

    partitioned: bool
    columns: list[str]
    is_of_this_runtime: bool
    has_claim_index: bool
    has_retry_index: bool
    has_running_index: bool
    wakes_on_insert: bool
    wakes_on_update: bool
    disabled_on_insert: list[str]
    disabled_on_update: list[str]


async def table_shape(conn: AsyncConnection[Any], table: Table) -> Shape | None:
    """None where there is no such table."""
    async with AsyncCursor(conn, row_factory=class_row(Shape)) as cursor:
        name = table.sql_name
        await cursor.execute(read("table_shape").encode(), {"name": name})
        return await cursor.fetchone()
