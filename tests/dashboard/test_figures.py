"""Figures over time: exact where all was read, estimates where not, and cheap in any table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable, discover
from jobgen_runtime.dashboard.figures.histogram import Histogram
from jobgen_runtime.dashboard.figures.kept import OLDEST, Kept
from jobgen_runtime.dashboard.figures.reading import (
    bounded_reads,
    read_figures,
)
from jobgen_runtime.dashboard.figures.samples import MOST, OUTCOME, Bucket, SampleRow, figures_of
from jobgen_runtime.dashboard.figures.spans import DAY, HOUR, SLICES, SPANS, WEEK, Span
from jobgen_runtime.dashboard.overview.kind_counts import count_kinds
from psycopg import AsyncConnection

from tests.support.database import temporary_database
from tests.support.schema import job_block

pytestmark = pytest.mark.xdist_group("figures")
"""One process of pytest runs these tests, and so fills the tables only once."""

NOW = 1_800_000_050.0
JOBS = """
INSERT INTO {table} (id, created_at, run_at, locked_at, updated_at, status)
SELECT {id}, moment, moment, moment + interval '2 s', moment + interval '2.4 s',
    (CASE WHEN n % 10 = 0 THEN 'job_status_failed' ELSE 'job_status_succeeded' END)::job_status
FROM (SELECT n, now() - n * interval '{gap} s' AS moment FROM generate_series(1, {rows}) n) moments
"""
READ = (
    "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)"
    " FROM pg_stat_xact_user_tables WHERE relname LIKE '%_jobs'"
)
BY_V7 = "uuidv7(moment - clock_timestamp())"
BUSY, SLOW, QUIET, RANDOM, INDEXED, EMPTY = (
    f"{name}_jobs" for name in ("busy", "slow", "quiet", "random", "indexed", "empty")
)


@pytest.fixture(scope="module")
def busy(server_url: str) -> Iterator[str]:
    """Return the conninfo of a database with tables that had a job a second."""
    with temporary_database(server_url) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as conn:
            install_schema_sync(conn)
            for name in ("Busy", "Slow", "Quiet", "Random", "Indexed", "Empty"):
                conn.execute(job_block(name, "note TEXT").encode())
            for name in (RANDOM, INDEXED, QUIET):
                conn.execute(f"ALTER TABLE {name} ALTER id SET DEFAULT gen_random_uuid()".encode())
            conn.execute("CREATE INDEX ON indexed_jobs (created_at)")
            for table, id_, rows, gap in (
                (BUSY, BY_V7, 20_000, 1),
                (RANDOM, "gen_random_uuid()", 20_000, 1),
                (INDEXED, "gen_random_uuid()", 20_000, 1),
                (SLOW, BY_V7, 600, 5),
                (QUIET, "gen_random_uuid()", 600, 5),
            ):
                conn.execute(JOBS.format(table=table, id=id_, rows=rows, gap=gap).encode())
            conn.execute("ANALYZE")
        yield conninfo


async def connected(conninfo: str) -> AsyncConnection[Any]:
    conn = await AsyncConnection.connect(conninfo)
    await conn.execute("SET TimeZone TO 'UTC'")
    return conn


async def now_of(conn: AsyncConnection[Any]) -> Moment:
    [row] = await (await conn.execute("SELECT extract(epoch FROM now())::float8")).fetchall()
    return Moment(row[0])


async def rows_read(conn: AsyncConnection[Any]) -> int:
    [row] = await (await conn.execute(READ)).fetchall()
    return int(row[0])


def figures(conninfo: str, name: str, span: Span) -> tuple[Bucket | None, int]:
    """Return the sum of a kind's figures, and how many rows that has read."""

    async def read() -> tuple[Bucket | None, int]:
        async with await connected(conninfo) as conn:
            table = (await discover(conn))[name]
            before = await rows_read(conn)
            async with bounded_reads(conn):
                found = await read_figures(conn, table, span, await now_of(conn))
            return None if found is None else found.total, await rows_read(conn) - before

    return asyncio.run(read())


def test_figures_of_a_steady_kind_are_estimated_from_few_rows(busy: str) -> None:
    for name, span in ((BUSY, HOUR), (INDEXED, HOUR), (BUSY, DAY), (BUSY, WEEK)):
        total, rows = figures(busy, name, span)
        assert total is not None
        created = min(span.seconds, 20_000)
        # The last bucket has not ended, and a slice in which the table begins seems emptier.
        least = created - span.bucket_seconds * (1 + 1 / SLICES)
        assert least <= total.succeeded + total.failed <= created * 1.03, span
        assert 0.06 <= total.failed / (total.succeeded + total.failed) <= 0.14
        assert not total.is_exact
        assert 0 < rows <= 2 * MOST * SLICES * len(span.starts(NOW))
        assert total.waits.median == pytest.approx(2, rel=0.06)
        assert total.durations.p95 == pytest.approx(0.4, rel=0.06)


@pytest.mark.parametrize("name", [SLOW, QUIET])
def test_figures_of_a_slow_kind_are_exact(busy: str, name: str) -> None:
    total, rows = figures(busy, name, HOUR)
    assert total is not None
    assert (total.succeeded, total.failed, total.is_exact) == (540, 60, True)
    # By the index, those at both ends of a slice are read twice.
    # A table without an order is read once to find that it is small.
    assert rows == 1200
    assert figures(busy, EMPTY, HOUR)[0] == Bucket(total.start, total.seconds)


def test_large_table_without_an_order_has_no_figures(busy: str) -> None:
    assert figures(busy, RANDOM, HOUR) == (None, 10_001)


def test_failures_of_the_last_hour_are_counted_among_the_newest(busy: str) -> None:
    async def count() -> dict[str, str]:
        async with await connected(busy) as conn:
            tables = [(await discover(conn))[name] for name in (BUSY, QUIET, EMPTY)]
            async with bounded_reads(conn):
                together = await count_kinds(conn, tables)
            async with bounded_reads(conn):
                for table in tables:
                    assert await count_kinds(conn, [table]) == {table: together[table]}
            return {table.name: str(together[table].recent_failures) for table in tables}

    recent = asyncio.run(count())
    assert recent[BUSY].endswith("+")
    assert 350 <= int(recent[BUSY][:-1]) <= 360
    assert (recent[QUIET], recent[EMPTY]) == ("60", "0")


@pytest.mark.parametrize("span", SPANS.values(), ids=str)
def test_buckets_are_the_same_for_every_page_and_end_now(span: Span) -> None:
    starts = span.starts(NOW)
    assert span.starts(NOW + 1) == starts
    assert len(starts) * span.bucket_seconds == span.seconds
    assert starts[-1] <= NOW < starts[-1] + span.bucket_seconds
    slices = span.slices(NOW)
    assert slices[::SLICES] == [*starts, starts[-1] + span.bucket_seconds]


def test_burst_is_underestimated_rather_than_multiplied() -> None:
    begun = DAY.starts(NOW)[0]
    burst = SampleRow(1, "succeeded", None, None, OUTCOME, 2 * MOST, begun, begun + 0.001)
    [first, *others] = figures_of([burst], DAY, NOW).buckets
    assert first.succeeded == pytest.approx(2 * MOST, rel=0.01)
    assert not first.is_exact
    assert {bucket.succeeded for bucket in others} == {0}
    bursts = [burst, burst._replace(slice=2, read_to=begun + 900, read_from=begun + 1800)]
    assert figures_of(bursts, DAY, NOW).total.succeeded <= 100_002 * 2 * MOST


def test_percentile_is_right_within_five_percent() -> None:
    assert Histogram().median is None
    sizes = Histogram({0: 94, 40: 6})
    assert sizes.median == pytest.approx(1, rel=0.051)
    assert sizes.p95 == pytest.approx(1.1**40, rel=0.051)
    assert Histogram.merged([sizes, sizes.times(3)]).counts == {0: 376, 40: 24}


def test_what_was_read_is_kept_for_all_visitors_until_a_change() -> None:
    table = JobTable("public", "a_jobs", True, 0, True, ())
    other = JobTable("other", "a_jobs", False, 0, True, ())
    reads: list[str] = []

    async def read(name: str) -> str:
        reads.append(name)
        return name

    async def pages() -> None:
        kept = Kept()
        for _ in range(3):
            assert await kept.get(table, "hour", lambda: read("hour"), least=60) == "hour"
            assert await kept.get(table, "week", lambda: read("week"), least=60) == "week"
            assert await kept.get(other, "hour", lambda: read("other"), least=60) == "other"
        assert reads == ["hour", "week", "other"]
        kept.forget("a_jobs")
        assert kept.read_at(table, "hour") == 0
        assert await kept.get(table, "hour", lambda: read("new"), keep=lambda _: False) == "new"
        assert await kept.get(table, "hour", lambda: read("newer"), least=60) == "newer"

    asyncio.run(pages())


def test_what_was_read_before_a_visitor_changed_the_table_is_not_kept() -> None:
    table = JobTable("public", "a_jobs", True, 0, True, ())
    kept = Kept()

    async def read() -> str:
        kept.forget("a_jobs")
        return "before"

    assert asyncio.run(kept.get(table, "hour", read, least=60)) == "before"
    assert not kept.has(table, "hour", age=60)


def test_one_of_several_pages_reads_again_while_the_others_show_what_it_was() -> None:
    table = JobTable("public", "a_jobs", True, 0, True, ())
    reads = 0

    async def read() -> int:
        nonlocal reads
        reads += 1
        number = reads
        await asyncio.sleep(0)
        return number

    async def pages() -> None:
        kept = Kept()
        first = await kept.get(table, "hour", read)
        while reads == first:  # until what was read is no longer fresh
            latest = await asyncio.gather(*(kept.get(table, "hour", read) for _ in range(3)))
        assert sorted(latest) == [1, 1, 2]
        assert await kept.get(table, "hour", read, age=OLDEST) == 2

    asyncio.run(pages())
