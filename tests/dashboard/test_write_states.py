"""A table that was not written to since it was read is not read again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.connections import Session
from jobgen_runtime.dashboard.database.discovery import JobTable, discover
from jobgen_runtime.dashboard.figures.background import BackgroundReads
from jobgen_runtime.dashboard.figures.kept import Kept
from jobgen_runtime.dashboard.figures.write_states import read_write_states
from psycopg import AsyncConnection

from tests.dashboard.sites import CONTROL_COLUMNS, Database

TABLE = "email_customers_jobs"


@asynccontextmanager
async def session(shop: Database) -> AsyncIterator[Session]:
    """Open a session as the dashboard does, in a transaction."""
    async with await AsyncConnection.connect(shop.conninfo) as conn:
        yield Session(conn, Moment(0), float("inf"))


async def state_of(shop: Database, name: str = TABLE) -> str | None:
    async with session(shop) as opened:
        table = (await discover(opened.conn))[name]
        return (await read_write_states(opened.conn, [table]))[table]


def write(shop: Database, statement: str) -> None:
    """Run a statement, and have the session report its counters as it does after ten seconds."""
    shop.run(statement)
    shop.run("SELECT pg_stat_force_next_flush()")


def test_state_of_a_table_changes_with_each_write_and_with_nothing_else(shop: Database) -> None:
    shop.job_table(TABLE)
    seen: list[str | None] = [asyncio.run(state_of(shop))]
    for statement in (
        f"INSERT INTO {TABLE} DEFAULT VALUES",
        "UPDATE email_customers_jobs SET attempts_count = 1",
        "DELETE FROM email_customers_jobs",
        f"TRUNCATE {TABLE}",
    ):
        write(shop, statement)
        write(shop, f"TABLE {TABLE}")
        seen.append(asyncio.run(state_of(shop)))
        assert asyncio.run(state_of(shop)) == seen[-1]
    assert None not in seen
    assert len(set(seen)) == 5


def test_state_is_unknown_where_the_counters_of_a_table_do_not_tell(shop: Database) -> None:
    columns = CONTROL_COLUMNS.replace("PRIMARY KEY ", "")
    shop.run(f"CREATE TABLE parts_jobs ({columns}) PARTITION BY RANGE (created_at)")
    shop.job_table("parent_jobs")
    shop.run("CREATE TABLE child_of_parent () INHERITS (parent_jobs)")
    shop.job_table(TABLE)
    assert asyncio.run(state_of(shop)) is not None
    assert asyncio.run(state_of(shop, "parts_jobs")) is None
    assert asyncio.run(state_of(shop, "parent_jobs")) is None

    async def states_in_one_snapshot() -> list[str | None]:
        """Drop the table within a transaction whose snapshot is older."""
        async with session(shop) as opened:
            table = (await discover(opened.conn))[TABLE]
            await opened.conn.rollback()
            await opened.conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            states = [(await read_write_states(opened.conn, [table]))[table]]
            await opened.conn.rollback()
            shop.run(f"DROP TABLE {TABLE}")
            return [*states, (await read_write_states(opened.conn, [table]))[table]]

    assert asyncio.run(states_in_one_snapshot()) == [None, None]


def test_background_reads_a_table_again_only_after_a_write(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.SHARE", 0)
    monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.CONFIRMED", 0)
    shop.job_table(TABLE)
    reads = 0

    async def read(opened: Session) -> int:
        nonlocal reads
        reads += 1
        cursor = await opened.conn.execute("SELECT count(*)::int FROM email_customers_jobs")
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def show(kept: Kept, table: JobTable) -> int:
        """Do what a page does, and wait for what it has started in the background."""
        async with session(shop) as opened:
            shown = await kept.get(
                table, "count", lambda: read(opened), read_in=read, unless_written=[table]
            )
        if started := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(started)
        return shown

    background = BackgroundReads(lambda: session(shop))

    async def pages() -> None:
        kept = Kept(background)
        async with session(shop) as opened:
            table = (await discover(opened.conn))[TABLE]
        assert [await show(kept, table) for _ in range(4)] == [0, 0, 0, 0]
        # The page itself, and once with the state of the table.
        assert reads == 2
        write(shop, f"INSERT INTO {TABLE} DEFAULT VALUES")
        assert [await show(kept, table) for _ in range(3)] == [0, 1, 1]
        assert reads == 3
        monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.LONGEST_UNREAD", 0)
        await show(kept, table)
        assert reads == 4

    asyncio.run(pages())


def test_what_changes_with_time_is_confirmed_for_a_shorter_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Kept()
    kept.put(None, "count", 1, began=0, state="written once")
    assert kept.confirm(None, "count", "written once", changes_with_time=True)
    assert not kept.confirm(None, "count", "written twice")
    assert not kept.confirm(None, "count", None)
    assert not kept.confirm(None, "other", "written once")
    monkeypatch.setattr("jobgen_runtime.dashboard.figures.kept.OLDEST", -1)
    assert not kept.confirm(None, "count", "written once", changes_with_time=True)
    assert kept.confirm(None, "count", "written once")
