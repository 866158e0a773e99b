"""The columns, indexes and triggers that a job table has in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import class_row

from jobgen_runtime.sql import read
from jobgen_runtime.table import Table


@dataclass(frozen=True, slots=True)
class TableShape:
    """The parts of a job table that a worker needs, as far as it has them."""

    is_table: bool
    """Whether it is a table, with its own indexes and triggers, and not a view."""

    is_partitioned: bool
    columns: list[str]
    has_job_status: bool
    """Whether `status` is of the type job_status that the search_path finds.

    If so, the search_path finds the other objects of the same runtime schema too.
    """
    has_priority_column: bool
    """Whether it has a column `priority` that is SMALLINT and NOT NULL."""
    has_claim_index: bool
    has_retry_index: bool
    has_running_index: bool
    has_priority_index: bool
    """Whether it has the index by which claims find the highest priority."""
    wakes_on_insert: bool
    wakes_on_update: bool
    disabled_insert_triggers: list[str]
    """The names of wake triggers on INSERT that someone has disabled."""
    disabled_update_triggers: list[str]
    """The names of wake triggers on UPDATE that someone has disabled."""
    random_id_default: str | None
    """The default of `id` if it makes random ids, else None."""


async def read_table_shape(conn: AsyncConnection[Any], table: Table) -> TableShape | None:
    """Return the shape of `table`; None if it does not exist."""
    async with AsyncCursor(conn, row_factory=class_row(TableShape)) as cursor:
        await cursor.execute(read("table_shape").encode(), {"name": table.sql_name})
        return await cursor.fetchone()
