"""Read one page of a list, in either direction, at a cost that does not grow with its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, sql
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.job_view import JobView
from jobgen_runtime.dashboard.jobs.rows import PageQuery, list_rows
from jobgen_runtime.dashboard.lists.counts import Summary
from jobgen_runtime.dashboard.lists.filters import Values
from jobgen_runtime.dashboard.lists.order import Order, choose_order
from jobgen_runtime.dashboard.lists.selection import Cursor, Place, Selection
from jobgen_runtime.sql import read

Link = dict[str, str]
"""The parameters of an address that say where in the list a page begins."""


@dataclass(frozen=True)
class Listing:
    """A page of a list, and where the pages before and after it begin; None without one."""

    rows: list[JobView]
    order: Order
    previous: Link | None
    next: Link | None
    is_first: bool
    searched: int | None = None
    """How many jobs were searched for this page, if that ended before the page was full."""

    is_cut: bool = False
    """Whether there are more jobs than were read to be sorted, so that others may come before."""


async def read_listing(
    conn: AsyncConnection[Any],
    table: JobTable,
    summary: Summary,
    selection: Selection,
    place: Place,
    *,
    page_size: int,
    last_page: int,
) -> Listing:
    """Read a page of a list.

    Raises:
        psycopg.DataError: The database does not accept a filter's value.
    """
    values = Values()
    order = choose_order(table, summary, selection, values)
    is_few = selection.indexed_filter is None and summary.is_known(selection.status)
    is_bounded = summary.is_exact or is_few or selection.error is not None
    reader = _Reader(conn, table, order, selection, values, page_size, is_bounded)
    # The settings of these statements end with their savepoint.
    async with conn.transaction(force_rollback=True):
        if not summary.is_exact:
            await conn.execute(read("plan_by_index").encode())
        start = order.cursor_at(place.at) if place.at and order.is_resumable else place.after
        if place.before and order.fits(place.before):
            listing = await reader.backwards(place.before)
            # Fewer than a page lie before: the first page shows them, and what follows them.
            if listing.previous or len(listing.rows) == page_size:
                return listing
        if start and order.fits(start):
            return await reader.forwards(start)
        return await reader.numbered(place.page, last_page)


@dataclass(frozen=True)
class _Reader:
    conn: AsyncConnection[Any]
    table: JobTable
    order: Order
    selection: Selection
    values: Values
    page_size: int
    is_bounded: bool
    """Whether it is known that the source has few rows."""

    async def forwards(self, start: Cursor) -> Listing:
        rows = await self._rows(start)
        shown = rows[: self.page_size]
        following, searched = None, None
        if len(rows) > self.page_size:
            following = self._after(shown[-1])
        elif end := await self._scan_end(start):
            following, searched = {"after": str(end)}, self.order.scanned
        previous = self._before(shown[0]) if shown else {"before": str(start)}
        return Listing(shown, self.order, previous, following, False, searched)

    async def backwards(self, start: Cursor) -> Listing:
        rows = await self._rows(start, reverse=True)
        shown = rows[: self.page_size][::-1]
        previous, searched = None, None
        if len(rows) > self.page_size:
            previous = self._before(shown[0])
        elif end := await self._scan_end(start, reverse=True):
            previous, searched = {"before": str(end)}, self.order.scanned
        following = self._after(shown[-1]) if shown else {"after": str(start)}
        return Listing(shown, self.order, previous, following, False, searched)

    async def numbered(self, page: int, last_page: int) -> Listing:
        """Read a page by its number. OFFSET costs what it skips, so numbers end at `last_page`."""
        rows = await self._rows(None, offset=(page - 1) * self.page_size)
        shown = rows[: self.page_size]
        following, searched = None, None
        if len(rows) > self.page_size:
            following = self._after(shown[-1]) if self.order.is_resumable else None
            if following is None and page < last_page:
                following = {"page": str(page + 1)}
        elif end := await self._scan_end(None):
            following, searched = {"after": str(end)}, self.order.scanned
        is_cut = len(rows) > self.page_size and await self._is_cut()
        previous = None
        if page > 1:
            if self.order.is_resumable and shown:
                previous = self._before(shown[0])
            previous = previous or {"page": str(page - 1)}
        return Listing(shown, self.order, previous, following, page == 1, searched, is_cut)

    async def _is_cut(self) -> bool:
        """Return whether the source of a sorted list has more rows than are read."""
        if self.order.is_resumable or self.is_bounded:
            return False
        query = statement("count_source").format(
            table=self.table.identifier, source=self.order.source
        )
        parameters = {**self.values.by_name, "most": self.order.scanned + 1}
        async with self.conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, parameters)
            row = await cursor.fetchone()
        return row is not None and row[0] > self.order.scanned

    def _after(self, job: JobView) -> Link | None:
        return self._link("after", job)

    def _before(self, job: JobView) -> Link | None:
        return self._link("before", job)

    def _link(self, name: str, job: JobView) -> Link | None:
        """Return a link to the place of a row; None if a NULL leaves it without one."""
        is_placed = job.id and (self.order.column == "id" or job.cursor is not None)
        return {name: str(Cursor(job.cursor, job.id))} if job.id and is_placed else None

    async def _rows(
        self, start: Cursor | None, *, reverse: bool = False, offset: int = 0
    ) -> list[JobView]:
        values = self.values.copy()
        query = PageQuery(
            source=self._source(start, values, reverse=reverse),
            scan=self.order.scan(reverse=reverse),
            condition=self.selection.condition(self.table, values),
            order=self.order.by(reverse=reverse),
            cursor=self.order.cursor_value(),
            scanned=self.order.scanned,
            limit=self.page_size + 1,
            offset=offset,
            values=values.by_name,
        )
        return await list_rows(self.conn, self.table, query)

    async def _scan_end(self, start: Cursor | None, *, reverse: bool = False) -> Cursor | None:
        """Return the last row that a page has read; None if it has read all."""
        if not self.order.is_resumable or not (self.selection.is_narrowed or self.selection.status):
            return None
        values = self.values.copy()
        query = statement("scan_end").format(
            table=self.table.identifier,
            source=self._source(start, values, reverse=reverse),
            scan=self.order.scan(reverse=reverse),
            cursor=self.order.cursor_value(),
        )
        parameters = {**values.by_name, "scanned": self.order.scanned}
        async with self.conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, parameters)
            row = await cursor.fetchone()
        return None if row is None else Cursor(*row)

    def _source(self, start: Cursor | None, values: Values, *, reverse: bool) -> sql.Composable:
        if start is None:
            return self.order.source
        return self.order.beyond_source(start, values, reverse=reverse)
