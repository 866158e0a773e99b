"""Go through all jobs that match a selection, in steps: each begins where the one before ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row

from jobgen_runtime.control.kinds import FIRST_ROWS
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.lists.counts import Count, Summary
from jobgen_runtime.dashboard.lists.filters import Values
from jobgen_runtime.dashboard.lists.order import Order, id_order, resumable_order, source_by_index
from jobgen_runtime.dashboard.lists.selection import Cursor, Selection
from jobgen_runtime.sql import read


@dataclass(frozen=True)
class Step:
    """The jobs of one step."""

    jobs: list[UUID]
    end: Cursor | None
    """Where the next step begins; None if there are no more jobs. A step without a job may have
    one: it has read as many rows as it may, and none of them matched."""


@dataclass(frozen=True)
class Walk:
    """All jobs that match a selection, in an order in which every job is met once.

    It is the list's own order where that has a place for every job, whatever the list is sorted by.
    Rows that were changed to match, or not to, while the walk is under way may be missed or met.
    """

    conn: AsyncConnection[Any]
    table: JobTable
    summary: Summary
    selection: Selection
    until: float | None = None
    """Seconds since 1970: jobs that were changed later are left out. None for all."""

    async def step(self, after: Cursor | None, limit: int) -> Step:
        """Return up to `limit` jobs behind a place, or the first ones.

        Raises:
            psycopg.DataError: The database does not accept a filter's value.
        """
        async with self._reading(after) as (order, values, begin):
            rows = await self._read(
                "select_ids",
                order,
                values.copy(),
                begin,
                cursor=order.cursor_value(),
                order=order.by(),
                limit=limit + 1,
            )
            jobs = [job for job, _ in rows[:limit]]
            if len(rows) > limit:
                return Step(jobs, Cursor(rows[limit - 1][1], rows[limit - 1][0]))
            return Step(jobs, await self._scan_end(order, values, begin))

    async def count(self, most: int, seconds: float) -> Count:
        """Return how many jobs match: a lower bound if they are more, or if it takes too long.

        Raises:
            psycopg.DataError: The database does not accept a filter's value.
        """
        number, after, deadline = 0, None, monotonic() + seconds
        while True:
            async with self._reading(after) as (order, values, begin):
                ((found,),) = await self._read("count_ids", order, values.copy(), begin)
                after = await self._scan_end(order, values, begin)
            number += found
            if number > most:
                return Count(most, "+")
            if after is None or monotonic() > deadline:
                error = self.selection.error
                is_cut = after is not None or (error is not None and error.is_cut)
                return Count(number, "+" if is_cut else "")

    @asynccontextmanager
    async def _reading(
        self, after: Cursor | None
    ) -> AsyncIterator[tuple[Order, Values, Cursor | None]]:
        """Yield in which order the jobs are read, with its values, and behind which place."""
        # The settings of these statements end with their savepoint.
        async with self.conn.transaction(force_rollback=True):
            if not self.summary.is_exact:
                await self.conn.execute(read("plan_by_index").encode())
            values = Values()
            order = await self._order(values)
            if after is not None and (after.value is None) != (order.column == "id"):
                after = None  # The table has grown since, and is walked through in another order.
            yield order, values, after

    async def _order(self, values: Values) -> Order:
        source = source_by_index(self.summary, self.selection, values)
        if source is not None and await self._is_few(source, values):
            return id_order(self.selection, source)
        return resumable_order(self.summary, self.selection)

    async def _is_few(self, source: sql.Composable, values: Values) -> bool:
        """Return whether an index finds so few rows that each step can read and sort them all."""
        rows = await self._fetch("count_source", values, source=source, most=FIRST_ROWS + 1)
        return bool(rows[0][0] <= FIRST_ROWS)

    async def _read(
        self, name: str, order: Order, values: Values, after: Cursor | None, /, **parts: Any
    ) -> list[Any]:
        """Return the rows of a statement about the jobs that match, among the next ones."""
        source = order.source
        matches = self.selection.condition(self.table, values)
        condition: sql.Composable = sql.SQL("id IS NOT NULL AND {}").format(matches)
        if after is not None and order.is_resumable:
            source = order.beyond_source(after, values)
        elif after is not None:
            condition = sql.SQL("{} AND {}").format(condition, order.beyond(after, values))
        if self.until is not None:
            until = sql.SQL("(updated_at <= to_timestamp({})) IS NOT FALSE")
            condition = sql.SQL("{} AND {}").format(condition, until.format(values.add(self.until)))
        return await self._fetch(
            name,
            values,
            source=source,
            scan=order.scan(),
            condition=condition,
            scanned=order.scanned,
            **parts,
        )

    async def _scan_end(self, order: Order, values: Values, after: Cursor | None) -> Cursor | None:
        """Return the last row that a step has read; None if it has read all."""
        if not order.is_resumable:
            return None
        source = order.source if after is None else order.beyond_source(after, values)
        rows = await self._fetch(
            "scan_end",
            values,
            source=source,
            scan=order.scan(),
            cursor=order.cursor_value(),
            scanned=order.scanned,
        )
        return Cursor(*rows[0]) if rows else None

    async def _fetch(self, name: str, values: Values, **parts: Any) -> list[Any]:
        texts = {key: part for key, part in parts.items() if isinstance(part, sql.Composable)}
        numbers = {key: part for key, part in parts.items() if key not in texts}
        query = statement(name).format(table=self.table.identifier, **texts)
        async with self.conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, {**values.by_name, **numbers})
            return await cursor.fetchall()
