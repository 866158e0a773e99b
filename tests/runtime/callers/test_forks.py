"""A process that is forked after the application has connected, as by `gunicorn --preload`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import ModuleType

import psycopg
import pytest
import sqlalchemy
from jobgen_runtime import configure
from jobgen_runtime.database import close_pool, close_pool_sync
from jobgen_runtime.database.pools import _sync_opening
from sqlalchemy.orm import Session

from tests.support.callers import connect_arguments
from tests.support.forking import run_in_fork


@pytest.fixture
def pool(url: str) -> Iterator[str]:
    configure(url)
    yield url
    close_pool_sync()
    configure(None)


def notes(url: str) -> list[str]:
    """Return the notes of all jobs, sorted."""
    with psycopg.connect(url) as conn:
        return [row[0] for row in conn.execute("SELECT note FROM plain_jobs ORDER BY note")]


async def create(types: ModuleType, note: str) -> None:
    await types.PlainJob.create(note=note)
    await close_pool()


def test_pools_of_records_are_not_shared_with_a_forked_process(
    pool: str, types: ModuleType
) -> None:
    types.PlainJob.create_sync(note="parent")

    def child() -> str:
        types.PlainJob.create_sync(note="child")
        asyncio.run(create(types, "child, asynchronously"))
        return "done"

    with _sync_opening:  # as another thread of the parent might at this moment
        assert run_in_fork(child) == "done"
    types.PlainJob.create_sync(note="parent again")
    assert notes(pool) == ["child", "child, asynchronously", "parent", "parent again"]


def test_engine_that_was_connected_before_a_fork_opens_a_new_connection(
    url: str, types: ModuleType
) -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://", connect_args=connect_arguments(url))

    def enqueue(note: str) -> None:
        with Session(engine) as session:
            types.PlainJob.create_sync(session, note=note)
            session.commit()

    def child() -> str:
        engine.dispose(close=False)
        enqueue("child")
        return "done"

    enqueue("parent")
    assert run_in_fork(child) == "done"
    enqueue("parent again")
    engine.dispose()
    assert notes(url) == ["child", "parent", "parent again"]


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_session_that_was_used_before_a_fork_is_refused(
    url: str, types: ModuleType, driver: str
) -> None:
    engine = sqlalchemy.create_engine(
        f"postgresql+{driver}://", connect_args=connect_arguments(url)
    )
    with Session(engine) as session:
        types.PlainJob.create_sync(session, note="parent")
        text = run_in_fork(lambda: types.PlainJob.create_sync(session, note="child"))
        assert "opened before this process was forked" in text
        assert "UnusableConnection" in text
        session.commit()
    engine.dispose()
    assert notes(url) == ["parent"]
