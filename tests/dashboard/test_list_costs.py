"""No page of a large table reads it as a whole, or walks its primary key."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable, discover
from jobgen_runtime.dashboard.errors import failures
from jobgen_runtime.dashboard.errors.failures import (
    CauseCache,
    Failures,
    Listed,
    find_causes,
    list_failures,
    with_known_causes,
)
from jobgen_runtime.dashboard.figures.reading import bounded_reads, read_figures
from jobgen_runtime.dashboard.figures.spans import SPANS
from jobgen_runtime.dashboard.jobs.neighbors import Neighbors, find_neighbors
from jobgen_runtime.dashboard.jobs.rows import read_row
from jobgen_runtime.dashboard.lists.counts import Summary, summarize
from jobgen_runtime.dashboard.lists.listing import Listing, read_listing
from jobgen_runtime.dashboard.lists.selection import Place, read_cursor, read_place, read_selection
from jobgen_runtime.dashboard.lists.walk import Walk
from jobgen_runtime.dashboard.overview.kind_counts import count_kinds
from jobgen_runtime.dashboard.overview.kind_state import Counts
from jobgen_runtime.dashboard.web.parameters import Parameters
from psycopg import AsyncConnection

from tests.support.database import temporary_database
from tests.support.schema import job_block

pytestmark = pytest.mark.xdist_group("list_costs")
"""One process of pytest runs these tests, and so fills the large table only once."""

TABLE = "scrape_jobs"
PAGE = 25
ROWS = 60_000
JOBS = """
INSERT INTO scrape_jobs (id, created_at, run_at, status, band_id, attempts_count)
SELECT uuidv7(age), now() + age, now() + age, CASE
        WHEN n > 59000 THEN 'job_status_not_started'
        WHEN n > 58500 THEN 'job_status_retry'
        WHEN n > 57500 THEN 'job_status_failed'
        WHEN n > 57400 THEN 'job_status_timed_out'
        WHEN n > 57300 THEN 'job_status_running'
        ELSE 'job_status_succeeded'
    END::job_status, uuid_of(n % 2000), (n > 59990)::INT
FROM (SELECT n, -n * interval '1 minute' AS age FROM generate_series(1, 60000) n) ages
"""
"""All but succeeded jobs are at the old end, where a scan from the newest would find them last."""

READ = (
    "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0)"
    " FROM pg_stat_xact_user_tables WHERE relname = 'scrape_jobs'"
)


@pytest.fixture(scope="module")
def large(server_url: str) -> Iterator[str]:
    """Return the conninfo of a database with a large job table."""
    with temporary_database(server_url) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as conn:
            install_schema_sync(conn)
            conn.execute(
                "CREATE FUNCTION uuid_of(n INT) RETURNS UUID IMMUTABLE LANGUAGE sql"
                " AS $$ SELECT lpad(n::text, 32, '0')::uuid $$"
            )
            conn.execute(job_block("Scrape", "band_id UUID NOT NULL").encode())
            conn.execute(JOBS)
            conn.execute("CREATE INDEX ON scrape_jobs (band_id)")
            conn.execute("ANALYZE scrape_jobs")
        yield conninfo


async def rows_read(conn: AsyncConnection[Any]) -> int:
    """Return how many rows of the table this connection has read, with those of indexes."""
    cursor = await conn.execute(READ)
    row: Any = await cursor.fetchone()
    return int(row[0])


async def read(conninfo: str, query: dict[str, str], page: int = 1) -> tuple[Listing, int]:
    """Read a page of the list; return it, and how many rows of the table that has read."""
    async with await AsyncConnection.connect(conninfo) as conn:
        await conn.execute("SET TimeZone TO 'UTC'")
        table: JobTable = (await discover(conn))[TABLE]
        summary: Summary = await summarize(conn, table)
        parameters = Parameters(query)
        before = await rows_read(conn)
        listing = await read_listing(
            conn,
            table,
            summary,
            read_selection(parameters, table),
            read_place(parameters, page),
            page_size=PAGE,
            last_page=400,
        )
        return listing, await rows_read(conn) - before


LISTS: list[tuple[dict[str, str], int]] = [
    ({}, 0),
    ({"status": "not_started"}, 0),
    ({"status": "retry"}, 1000),
    ({"status": "running"}, 100),
    ({"status": "failed"}, 100),
    ({"status": "timed_out"}, 1000),
    ({"status": "succeeded"}, 0),
    ({"status": "failed", "sort": "-attempts_count"}, 1100),
    ({"status": "failed", "q": "nothing"}, 2200),
    ({"where_band_id": f"{7:032}"[:8] + "-0000-0000-0000-" + f"{7:012}"}, 30),
]
"""Addresses, and how many rows are read that the page does not show."""


@pytest.mark.parametrize(("query", "passed"), LISTS)
def test_page_reads_few_rows_in_any_place(large: str, query: dict[str, str], passed: int) -> None:
    # A row is read to choose it, and once more for its values; one more shows if others follow.
    most = 2 * (PAGE + 1) + 10 + passed
    listing, rows = asyncio.run(read(large, query))
    assert 0 < rows <= most
    if "q" not in query:
        assert listing.rows
    for link in (listing.next, listing.previous):
        if link and "page" not in link:
            following, rows = asyncio.run(read(large, {**query, **link}))
            assert following.rows
            assert 0 < rows <= most
            previous = following.previous if link is listing.next else following.next
            assert previous is not None
            back, rows = asyncio.run(read(large, {**query, **previous}))
            # The page before the second is the first: it is read backwards, then forwards.
            assert 0 < rows <= 2 * most
            assert [job.id for job in back.rows] == [job.id for job in listing.rows]


@pytest.mark.parametrize(("running", "is_cut"), [(0, False), (50_000, True)])
def test_list_says_that_it_sorts_only_a_part(large: str, running: int, is_cut: bool) -> None:
    async def cut() -> bool:
        async with await AsyncConnection.connect(large) as conn:
            await conn.execute(
                "INSERT INTO scrape_jobs (status, locked_at, locked_by, band_id)"
                " SELECT 'job_status_running', now(), gen_random_uuid(), uuid_of(1)"
                " FROM generate_series(1, %s)",
                (running,),
            )
            table = (await discover(conn))[TABLE]
            listing = await read_listing(
                conn,
                table,
                await summarize(conn, table),
                read_selection(Parameters({"status": "running"}), table),
                Place(),
                page_size=PAGE,
                last_page=400,
            )
            assert len(listing.rows) == PAGE
            await conn.rollback()
            return listing.is_cut

    assert asyncio.run(cut()) is is_cut


WALKS: list[tuple[dict[str, str], int, int]] = [
    ({"status": "not_started"}, 1000, 500),
    ({"status": "retry"}, 500, 1000),
    ({"status": "running"}, 100, 100),
    ({"status": "failed", "sort": "attempts_count"}, 1000, 0),
    ({"where_band_id": f"00000000-0000-0000-0000-{7:012}"}, 30, 30),
    ({"where_attempts_count": "1.."}, 10, 50_000),
    ({"q": "nothing"}, 0, 10_000),
]
"""Addresses, how many jobs match, and how many rows a step reads besides those that it returns."""


@pytest.mark.parametrize(("query", "matching", "passed"), WALKS)
def test_walk_meets_every_job_once_and_no_step_reads_the_table_whole(
    large: str, query: dict[str, str], matching: int, passed: int
) -> None:
    async def walked() -> list[UUID]:
        jobs: list[UUID] = []
        async with await AsyncConnection.connect(large) as conn:
            await conn.execute("SET TimeZone TO 'UTC'")
            table = (await discover(conn))[TABLE]
            summary = await summarize(conn, table)
            walk = Walk(conn, table, summary, read_selection(Parameters(query), table))
            end, limit = None, min(max(matching // 3, 5), 300)
            while True:
                before = await rows_read(conn)
                step = await walk.step(end, limit)
                # Rows are read to be counted, to be chosen, and to find where the next step begins.
                assert await rows_read(conn) - before <= 2 * (passed + 301) + 301
                jobs += step.jobs
                assert len(jobs) <= matching
                if step.end is None:
                    return jobs
                end = read_cursor(str(step.end))

    jobs = asyncio.run(walked())
    assert len(jobs) == len(set(jobs)) == matching


@pytest.mark.parametrize(("query", "matching", "passed"), WALKS)
def test_walk_counts_all_jobs_up_to_a_number_and_a_time(
    large: str, query: dict[str, str], matching: int, passed: int
) -> None:
    async def count(most: int, seconds: float) -> str:
        async with await AsyncConnection.connect(large) as conn:
            await conn.execute("SET TimeZone TO 'UTC'")
            table = (await discover(conn))[TABLE]
            selection = read_selection(Parameters(query), table)
            walk = Walk(conn, table, await summarize(conn, table), selection)
            return str(await walk.count(most, seconds))

    assert asyncio.run(count(matching, 60)) == f"{matching:,}"
    if matching:
        assert asyncio.run(count(matching - 1, 60)) == f"{matching - 1:,}+"
    is_one_step = passed < 10_000
    assert asyncio.run(count(ROWS, -1)).endswith("+") is not is_one_step


@pytest.mark.parametrize("status", ["", "not_started", "retry", "succeeded"])
def test_jump_reads_few_rows(large: str, status: str) -> None:
    for at in ("2000-01-01T00:00", "2026-11-01T00:00", "2100-01-01T00:00"):
        _, rows = asyncio.run(read(large, {"status": status, "at": at}))
        assert rows <= 2 * (PAGE + 1) + 10 + (1000 if status == "retry" else 0)


def test_errors_are_read_by_the_index_of_failures(large: str) -> None:
    async def read_failures(causes: CauseCache, limit: int) -> tuple[Failures, int]:
        async with await AsyncConnection.connect(large) as conn:
            table = (await discover(conn))[TABLE]
            jobs = (await list_failures(conn, [table], limit=limit + 1))[table]
            known = with_known_causes(table, jobs, causes, limit)
            found = await find_causes(conn, table, jobs, causes, deadline=math.inf, limit=limit)
            assert known in (None, found)
            were_known.append(known is not None)
            return found, await rows_read(conn)

    causes, were_known = CauseCache(), list[bool]()
    found, rows = asyncio.run(read_failures(causes, 500))
    assert (len(found.rows), found.is_cut) == (500, True)
    assert rows <= 2 * 501
    again, rows = asyncio.run(read_failures(causes, 500))
    assert again == found
    assert rows <= 501
    found, rows = asyncio.run(read_failures(causes, 10_000))
    assert (len(found.rows), found.is_cut) == (1100, False)
    assert were_known == [False, True, False]


def test_jobs_that_will_retry_are_read_by_the_index_of_waiting_jobs(
    large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MAX_SCANNED", 600)

    async def listed() -> tuple[Listed, int]:
        async with await AsyncConnection.connect(large) as conn:
            table = (await discover(conn))[TABLE]
            found = (await list_failures(conn, [table], limit=5, retrying=True))[table]
            return found, await rows_read(conn)

    found, rows = asyncio.run(listed())
    assert (len(found.jobs), found.is_cut) == (5, True)
    assert 600 <= rows <= 600 + 5


def test_jobs_near_a_job_are_found_by_indexes(large: str) -> None:
    async def neighbors() -> tuple[Neighbors, int]:
        async with await AsyncConnection.connect(large) as conn:
            table = (await discover(conn))[TABLE]
            cursor = await conn.execute(
                "SELECT id FROM scrape_jobs ORDER BY id LIMIT 1 OFFSET 30000"
            )
            [row] = await cursor.fetchall()
            job = await read_row(conn, table, row[0])
            assert job is not None
            references = [
                replace(each, references="bands") if each.name == "band_id" else each
                for each, _ in job.own
            ]
            own = tuple(zip(references, [value for _, value in job.own], strict=True))
            before = await rows_read(conn)
            found = await find_neighbors(conn, table, replace(job, own=own))
            return found, await rows_read(conn) - before

    found, rows = asyncio.run(neighbors())
    assert found.previous
    assert found.next
    assert [sum(number for _, number in each.counts) for each in found.related] == [29]
    assert rows <= 2 + 2 + 30


def test_counting_reads_a_bounded_number_of_rows(large: str) -> None:
    async def count() -> tuple[Summary, int]:
        async with await AsyncConnection.connect(large) as conn:
            table = (await discover(conn))[TABLE]
            summary = await summarize(conn, table)
            return summary, await rows_read(conn)

    summary, rows = asyncio.run(count())
    assert rows <= 10_001 + 2_700 + 1
    assert [str(count) for count in summary.by_status.values()].count("0") == 0


def test_pages_of_all_kinds_read_a_bounded_number_of_rows(large: str) -> None:
    """A row of the overview has counts, figures and failures; the charts have figures alone."""

    async def read() -> tuple[Counts, list[int]]:
        async with await AsyncConnection.connect(large) as conn:
            await conn.execute("SET TimeZone TO 'UTC'")
            [now] = await (
                await conn.execute("SELECT extract(epoch FROM now())::float8")
            ).fetchall()
            table = (await discover(conn))[TABLE]
            reads = [await rows_read(conn)]
            async with bounded_reads(conn):
                counts = (await count_kinds(conn, [table]))[table]
                reads.append(await rows_read(conn))
                for span in SPANS.values():
                    await read_figures(conn, table, span, Moment(now[0]))
                    reads.append(await rows_read(conn))
            return counts, [later - earlier for earlier, later in pairwise(reads)]

    counts, [rows, *spans] = asyncio.run(read())
    assert [str(count) for count in counts.summary.by_status.values()].count("0") == 0
    # Those of the counts, and of the newest failures.
    assert 0 < rows <= (10_001 + 2_700 + 1) + 1_000
    # A job a minute: an hour has 60, and those at both ends of a slice are read twice.
    assert 100 <= spans[0] <= 120
    assert all(0 < each <= 3_000 for each in spans)
