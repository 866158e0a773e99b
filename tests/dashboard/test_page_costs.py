"""No page reads a large table as a whole, whatever page it is.

The pages are those that `make bench-dashboard` measures: every kind of page, found by its links.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from psycopg import AsyncConnection

from benchmarks.dashboard.client import Page
from benchmarks.dashboard.database import LARGE, Size, fill
from benchmarks.dashboard.pages import find_pages
from tests.dashboard.sites import DashboardSite
from tests.support.database import temporary_database
from tests.support.schema import job_block

SIZE = Size(finished=110_000, others=6_000, kinds=3, references=30_000, drained=0)
MOST_ROWS = 75_000
"""A page may read 50,000 rows of an index, and counts what is not finished."""

READ = """
SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint
FROM pg_stat_user_tables WHERE relname = %s
"""


class CountingPool:
    """One connection, lent to one at a time; notes how many rows of each table it has read."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._conn: AsyncConnection[Any] | None = None
        self._is_lent = asyncio.Lock()
        self.rows: dict[str, int] = {}

    @asynccontextmanager
    async def connection(self, **_: float) -> AsyncIterator[AsyncConnection[Any]]:
        async with self._is_lent, self._counted() as conn:
            yield conn

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[AsyncConnection[Any]]:
        if self._conn is None:
            self._conn = await AsyncConnection.connect(self._conninfo, autocommit=True)
        tables = (LARGE, "customers")
        before = [await self._count(self._conn, table) for table in tables]
        yield self._conn
        # What a session has read is added to the counters once it is idle for a second, or now.
        await self._conn.execute("SELECT pg_stat_force_next_flush()")
        after = [await self._count(self._conn, table) for table in tables]
        self.rows = {
            table: end - start for table, start, end in zip(tables, before, after, strict=True)
        }

    async def close(self) -> None:
        if self._conn is not None:
            await self._conn.close()

    async def _count(self, conn: AsyncConnection[Any], table: str) -> int:
        row: Any = await (await conn.execute(READ, [table])).fetchone()
        return int(row[0])


class Reader:
    """The benchmark's client, for a site of a test."""

    def __init__(self, site: DashboardSite) -> None:
        self._site = site

    def address(self, action: str, **parameters: str) -> str:
        return f"/jobs/{action}" + (f"?{urlencode(parameters)}" if parameters else "")

    def read(self, page: Page) -> tuple[int, str]:
        if page.form is None:
            answer = self._site.get(page.address)
        else:
            form = "application/x-www-form-urlencoded"
            answer = self._site.request(
                "POST", page.address, content=page.form, headers={"Content-Type": form}
            )
        return answer.status_code, answer.text


@pytest.fixture
def pool(server_url: str) -> Iterator[CountingPool]:
    with temporary_database(server_url) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as conn:
            install_schema_sync(conn)
            conn.execute(job_block("Noop").encode())
            fill(conn, SIZE)
        yield CountingPool(conninfo)


def test_no_page_reads_a_large_table_as_a_whole(pool: CountingPool) -> None:
    costs: dict[str, dict[str, int]] = {}
    with DashboardSite(pool=pool) as site:
        reader = Reader(site)
        for page in find_pages(reader):
            status, text = reader.read(page)
            assert status == 200, f"{page.name}: {text}"
            costs[page.name] = pool.rows
        site.run(pool.close())
    assert {"overview", "list, failed", "job, succeeded", "ListErrors"} <= costs.keys()
    assert any(cost[LARGE] > 10_000 for cost in costs.values())
    assert {
        name: cost
        for name, cost in costs.items()
        if cost[LARGE] > MOST_ROWS or cost["customers"] > SIZE.references / 2
    } == {}
