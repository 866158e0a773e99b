"""Jobs run inside of the transactions that tests with SQLAlchemy and Django roll back."""

from __future__ import annotations

import asyncio
import importlib
import threading
import unittest
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy
from jobgen_runtime import Job
from jobgen_runtime.testing import (
    TestingError,
    assert_enqueued_sync,
    clock,
    drain,
    drain_sync,
    make_sync,
)
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from tests.support.kit_jobs import PLAYED, Play, PlayJob, PlaySync, PlaySyncJob

pytestmark = pytest.mark.xdist_group("django in the test's process")
KINDS: list[type[Job[Any]]] = [Play, PlaySync]
COUNT = "SELECT COUNT(*) FROM notes"


def engine_arguments(url: str, driver: str) -> tuple[str, dict[str, Any]]:
    return f"postgresql+{driver}://", {
        "connect_args": conninfo_to_dict(url),
        "poolclass": NullPool,
    }


def test_drain_in_the_rolled_back_session_of_sqlalchemy(jobgen_shared_database: str) -> None:
    address, options = engine_arguments(jobgen_shared_database, "psycopg")
    engine = sqlalchemy.create_engine(address, **options)

    def write_with_the_session() -> None:
        session.execute(sqlalchemy.text("INSERT INTO notes (text) VALUES ('by the session')"))
        session.commit()  # of its savepoint
        PlayJob._create_sync(session, {"what": "transaction"})

    PlaySync.calls["session"] = write_with_the_session
    with engine.connect() as conn:
        outer = conn.begin()
        with Session(bind=conn, join_transaction_mode="create_savepoint") as session:
            PlaySyncJob._create_sync(session, {"what": "session"})
            session.commit()
            assert drain_sync(session, kinds=KINDS).succeeded == 2
            assert session.scalar(sqlalchemy.text(COUNT)) == 2
            make_sync(Play, session, what="later")
            clock.advance_sync(timedelta(hours=1), session)
            [later] = assert_enqueued_sync(Play, session, count=1, what="later")
            assert later.run_at < datetime.now(UTC) - timedelta(minutes=59)
            session.rollback()
            # What the job has committed with the session stays, until the test ends.
            assert session.scalar(sqlalchemy.text(COUNT)) == 1
        outer.rollback()
        assert conn.scalar(sqlalchemy.text(COUNT)) == 0


def test_drain_in_an_asynchronous_session_of_sqlalchemy(jobgen_shared_database: str) -> None:
    async def run() -> None:
        address, options = engine_arguments(jobgen_shared_database, "psycopg")
        engine = create_async_engine(address, **options)
        async with AsyncSession(engine) as session:
            await PlayJob._create(session, {"what": "transaction"})
            assert (await drain(session, kinds=KINDS)).succeeded == 1
            assert await session.scalar(sqlalchemy.text(COUNT)) == 1
            await session.rollback()
            assert await session.scalar(sqlalchemy.text(COUNT)) == 0

    asyncio.run(run())


def test_drain_over_another_driver_is_explained(jobgen_shared_database: str) -> None:
    address, options = engine_arguments(jobgen_shared_database, "psycopg2")
    with (
        sqlalchemy.create_engine(address, **options).connect() as conn,
        pytest.raises(TestingError, match=r"does not use psycopg 3.*\n.*postgresql\+psycopg://"),
    ):
        drain_sync(conn, kinds=KINDS)


@pytest.fixture
def django(jobgen_shared_database: str) -> Iterator[Any]:
    """`django.db` with a connection to the database of the tests."""
    settings = importlib.import_module("django.conf").settings
    if not settings.configured:
        settings.configure(USE_TZ=True, TIME_ZONE="Europe/Berlin")
    importlib.import_module("django.apps").apps.populate(())
    db = importlib.import_module("django.db")
    found = conninfo_to_dict(jobgen_shared_database)
    entry = {
        "ENGINE": "django.db.backends.postgresql",
        **{name.upper(): found[name] for name in ("host", "port", "user")},
        "NAME": found["dbname"],
    }
    utils = importlib.import_module("django.db.utils")
    before = dict(db.connections.settings)
    db.connections.settings.update(utils.ConnectionHandler({"default": entry}).settings)
    yield db
    db.connections["default"].close()
    del db.connections._connections.default
    db.connections.settings.clear()
    db.connections.settings.update(before)


def test_drain_in_the_transaction_of_djangos_test_case(django: Any) -> None:
    def write_with_django() -> None:
        with django.transaction.atomic(), django.connection.cursor() as cursor:
            cursor.execute("INSERT INTO notes (text) VALUES ('by Django')")

    PlaySync.calls["django"] = write_with_django

    def count() -> int:
        with django.connection.cursor() as cursor:
            cursor.execute(COUNT)
            return int(cursor.fetchone()[0])

    class Tests(importlib.import_module("django.test").TestCase):  # type: ignore[misc]
        def test_first(self) -> None:
            assert count() == 0
            PlaySyncJob._create_sync(django.connection, {"what": "django"})
            PlayJob._create_sync(django.connection, {"what": "transaction"})
            assert drain_sync(django.connection, kinds=KINDS).succeeded == 2
            assert count() == 2

        test_second = test_first

        async def test_in_an_event_loop(self) -> None:
            """Fail clearly: Django's connection is synchronous."""
            with pytest.raises(TypeError, match="sync"):
                await drain(django.connection, kinds=KINDS)

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Tests).run(result)

    assert result.testsRun == 3
    assert (result.errors, result.failures) == ([], [])
    assert [each[1] for each in PLAYED if isinstance(each, tuple)] == [threading.get_ident()] * 2
