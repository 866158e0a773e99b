"""The helpers for custom views."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, assert_type
from uuid import UUID

import pytest
from jobgen_runtime import JobStatus, Record, RecordNotFound, Table
from jobgen_runtime.dashboard import (
    column_name_to_field_label,
    detail_table,
    error_block,
    fetch_related,
    html,
    status_to_badge,
    time_ago,
)
from jobgen_runtime.dashboard.components.select import Option, record_options
from jobgen_runtime.dashboard.web.assets import style
from psycopg import AsyncConnection

from tests.dashboard.attics import Band
from tests.dashboard.sites import Database

MOMENT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


class Scrape(Record):
    """A row that references a band, or none."""

    __table__: ClassVar = Table("scrapes", columns=("id", "band_id", "former_id"), key=("id",))

    id: int
    band_id: UUID
    former_id: UUID | None


class Pair(Record):
    __table__: ClassVar = Table("pairs", columns=("a", "b"), key=("a", "b"))


def test_time_ago_compares_with_the_given_moment_or_the_clock() -> None:
    later = MOMENT + timedelta(minutes=3)
    assert time_ago(MOMENT, later) == (
        '<time datetime="2026-11-30T09:30:00Z" title="2026-11-30 09:30:00 UTC">3 min ago</time>'
    )
    assert ">in 3 min</time>" in time_ago(later, MOMENT)
    assert ">in 2 days</time>" in time_ago(datetime.now(UTC) + timedelta(days=2, minutes=1))
    assert "&ndash;" in time_ago(None)


@pytest.mark.parametrize(
    ("name", "label"), [("band_id", "Band id"), ("initial_scrape_jobs", "Initial scrape jobs")]
)
def test_column_name_becomes_a_label(name: str, label: str) -> None:
    assert column_name_to_field_label(name) == label


def test_detail_table_shows_each_kind_of_value() -> None:
    facts = {
        "<i>Band</i>": "<b>Dead</b>",
        "Link": html('<a href="/">x</a>'),
        "Status": JobStatus.FAILED,
        "Created at": MOMENT,
        "Note": None,
        "Pages": 0,
    }
    table = detail_table(facts, title="The <scrape>")
    for shown in (
        "&lt;i&gt;Band&lt;/i&gt;",
        "&lt;b&gt;Dead&lt;/b&gt;",
        '<a href="/">x</a>',
        status_to_badge(JobStatus.FAILED),
        '<time datetime="2026-11-30T09:30:00Z" data-form="whole">2026-11-30 09:30:00 UTC</time>',
        '<span class="none">\N{EN DASH}</span>',
        '<td class="whole">0</td>',
        "<h2>The &lt;scrape&gt;</h2>",
    ):
        assert shown in table
    assert "<h2>" not in detail_table(facts)


def test_error_block_shows_the_exception_first_and_no_secret() -> None:
    error = (
        'Traceback (most recent call last):\n  File "/app/Web/Job/Scrape.py", line 3, in perform\n'
        "    fetch()\nbands.Gone: <b>password=hunter2</b>"
    )
    block = error_block(error)
    assert '<b title="bands.Gone">Gone</b>' in block
    assert "<mark>  File &#34;/app/Web/Job/Scrape.py&#34;" in block
    assert "&lt;b&gt;password=" in block
    assert "hunter2" not in block
    assert "hunter2" in error_block(error, redact=False)
    assert error_block(None) == ""


def test_option_of_a_record_has_its_name_or_its_key() -> None:
    def band(name: str) -> Band:
        return Band._build({"id": UUID(int=1), "name": name})

    key = str(UUID(int=1))
    assert record_options([band("Phish"), band("")]) == (Option(key, "Phish"), Option(key, key))
    assert record_options([band("x")], lambda each: each.name * 2) == (Option(key, "xx"),)
    with pytest.raises(TypeError, match="pairs: a select needs a primary key of one column"):
        record_options([Pair._build({"a": 1, "b": 2})])


async def count_reads(conn: AsyncConnection[Any]) -> int:
    """Return how often the transaction has read `bands`; without indexes, once a statement."""
    cursor = await conn.execute(
        "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'bands'::regclass"
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


def test_fetch_related_reads_the_records_of_all_rows_by_one_query(
    shop: Database,
) -> None:
    shop.run("CREATE TABLE bands (id UUID DEFAULT uuidv7() PRIMARY KEY, name TEXT NOT NULL)")
    phish, dead = (UUID(shop.insert("bands", name=name)) for name in ("Phish", "Dead"))
    rows = [
        Scrape._build({"id": number, "band_id": band, "former_id": former})
        for number, (band, former) in enumerate(
            [(phish, None), (dead, phish), (phish, UUID(int=1))]
        )
    ]

    async def run() -> None:
        address = shop.address(enable_indexscan="off", enable_bitmapscan="off")
        async with await AsyncConnection.connect(address) as conn:
            assert await fetch_related(rows[:0], lambda row: row.band_id, Band, conn=conn) == []
            assert await count_reads(conn) == 0
            related = await fetch_related(rows, lambda row: row.band_id, Band, conn=conn)
            assert await count_reads(conn) == 1
            assert_type(related, list[tuple[Scrape, Band]])
            assert [(row.id, band.name) for row, band in related] == [
                (0, "Phish"),
                (1, "Dead"),
                (2, "Phish"),
            ]
            former = await fetch_related(
                rows, lambda row: row.former_id, Band, conn=conn, optional=True
            )
            assert_type(former, list[tuple[Scrape, Band | None]])
            assert [band and band.name for _, band in former] == [None, "Phish", None]
            for key in (None, UUID(int=1)):
                with pytest.raises(RecordNotFound, match=f"foreign key is {key}.*optional=True"):
                    await fetch_related(
                        [row for row in rows if row.former_id == key],
                        lambda row: row.former_id or None,  # type: ignore[arg-type, return-value]
                        Band,
                        conn=conn,
                    )
            with pytest.raises(TypeError, match="pairs: fetch_related needs a primary key of one"):
                await fetch_related(rows, lambda row: row.id, Pair, conn=conn)

    asyncio.run(run())


def test_documented_css_classes_exist() -> None:
    document = (Path(__file__).parents[2] / "docs/dashboard.md").read_text()
    named = re.search(r"These CSS classes are for your.*?\n\n", document, re.S)
    assert named
    classes = set(re.findall(r"`([a-z]+)`", named[0])) - {"table"}
    assert len(classes) > 15
    found = set(re.findall(r"\.([a-z][a-z-]*)", style().content.decode()))
    assert classes <= found
