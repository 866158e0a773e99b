"""`connection()` lends a connection of the pool."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from jobgen_runtime import configure, connection, connection_sync
from jobgen_runtime.database import close_pool, close_pool_sync

from tests.support.shop_types import Band


@pytest.fixture(autouse=True)
def url(app_database: str) -> Iterator[str]:
    configure(app_database)
    yield app_database
    close_pool_sync()
    configure(None)


def names() -> list[str]:
    return [band.name for band in Band.fetch_all_sync("SELECT * FROM bands ORDER BY id")]


def test_statements_commit_one_by_one_and_transactions_as_a_whole() -> None:
    async def body() -> None:
        async with connection() as conn:
            await Band.create(conn, name="one")
            assert names() == ["one"]
            async with conn.transaction():
                await Band.create(conn, name="two")
                assert names() == ["one"]
            assert names() == ["one", "two"]
            async with conn.transaction(force_rollback=True):
                await Band.create(conn, name="undone")
        await close_pool()

    asyncio.run(body())
    assert names() == ["one", "two"]


def test_transaction_left_open_is_committed_or_rolled_back_after_an_error(url: str) -> None:
    with connection_sync() as conn:
        conn.execute("BEGIN")
        Band.create_sync(conn, name="kept")

    def fail() -> None:
        with connection_sync() as conn:
            conn.execute("BEGIN")
            Band.create_sync(conn, name="undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with psycopg.connect(url) as other:
        assert other.execute("SELECT name FROM bands").fetchall() == [("kept",)]
