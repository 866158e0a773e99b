"""A connection that cannot be used is refused with an error that says what to pass instead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from types import ModuleType
from typing import Any

import psycopg
import pytest
import sqlalchemy
from jobgen_runtime.database.callers.wrong_arguments import UnusableConnection
from jobgen_runtime.database.failed_transaction import TransactionFailed
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from tests.support.callers import (
    DRIVERS,
    Caller,
    Customer,
    make_async_engine,
    make_engine,
    open_session,
)

JOBS = (("PlainJob", {"note": "x"}), ("MailJob", {"customer_id": 1}))
NULL = sqlalchemy.text("INSERT INTO customers VALUES (2, NULL)")


def refused(
    kind: type[Exception], expected: str, call: Callable[[], Coroutine[Any, Any, Any] | object]
) -> None:
    """Check that a call raises the error, asynchronously or not."""

    async def body() -> None:
        result = call()
        if isinstance(result, Coroutine):
            await result

    with pytest.raises(kind, match=expected):
        asyncio.run(body())


def test_asynchronous_objects_are_refused_by_synchronous_methods(types: ModuleType) -> None:
    create = types.PlainJob.create_sync
    engine = create_async_engine("postgresql+asyncpg://")
    for conn, name in (
        (AsyncSession(engine), "AsyncSession"),
        (engine.connect(), "AsyncConnection"),
    ):
        refused(
            TypeError,
            rf"was given a sqlalchemy\.ext\.asyncio\.\w+\.{name}, which is asynchronous\. Call the"
            " method whose name does not end in _sync, or pass a Session or a Connection",
            lambda conn=conn: create(conn, note="x"),  # type: ignore[misc]
        )
    for maker in (engine, async_sessionmaker(engine)):
        refused(TypeError, "only makes", lambda maker=maker: create(maker, note="x"))  # type: ignore[misc]


def test_synchronous_objects_are_refused_by_asynchronous_methods(types: ModuleType) -> None:
    create = types.PlainJob.create
    engine = sqlalchemy.create_engine("postgresql+psycopg://")
    refused(
        TypeError,
        r"was given a sqlalchemy\.orm\.session\.Session, which is synchronous\. Call the method"
        " whose name ends in _sync, or pass an AsyncSession",
        lambda: create(Session(engine), note="x"),
    )
    refused(TypeError, "Pass an AsyncSession", lambda: create(engine, note="x"))


def test_engines_and_makers_are_refused(types: ModuleType) -> None:
    create = types.PlainJob.create_sync
    engine = sqlalchemy.create_engine("postgresql+psycopg://")
    refused(
        TypeError,
        r"an? sqlalchemy\.engine\.base\.Engine only makes such connections\. Pass a Session, or a"
        r" Connection of `engine\.begin\(\)`",
        lambda: create(engine, note="x"),
    )
    refused(TypeError, "Call it: `with", lambda: create(sessionmaker(engine), note="x"))
    begun = engine.begin()
    refused(
        TypeError, "must be a psycopg.Connection or a connection", lambda: create(begun, note="x")
    )


def test_database_that_is_not_postgresql_is_refused(types: ModuleType) -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    expected = "must be one to PostgreSQL, .* is one to sqlite"
    with Session(engine) as session:
        refused(TypeError, expected, lambda: types.PlainJob.create_sync(session, note="x"))
    with engine.connect() as conn:
        refused(TypeError, expected, lambda: types.PlainJob.create_sync(conn, note="x"))
    engine.dispose()


def test_driver_that_changes_values_is_refused(url: str, types: ModuleType) -> None:
    engine = make_engine(url, "psycopg2")
    engine.dialect.driver = "pg8000"
    with Session(engine) as session:
        refused(
            TypeError,
            "has the driver pg8000, and records work over psycopg, psycopg2 and asyncpg",
            lambda: types.PlainJob.create_sync(session, note="x"),
        )


def test_closed_and_unbound_sessions_are_refused(url: str, types: ModuleType) -> None:
    create, engine = types.PlainJob.create_sync, make_engine(url, "psycopg")
    conn = engine.connect()
    conn.close()
    refused(UnusableConnection, "is closed", lambda: create(conn, note="x"))
    session = Session(engine, close_resets_only=False)
    session.close()
    refused(UnusableConnection, "cannot be used: .*closed", lambda: create(session, note="x"))
    unbound = Session()
    refused(UnusableConnection, "bind_arguments", lambda: create(unbound, note="x"))
    unopened = make_async_engine(url, "asyncpg").connect()
    refused(
        UnusableConnection,
        "is not connected yet",
        lambda: types.PlainJob.create(unopened, note="x"),
    )


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_inner_session_of_an_asynchronous_one_is_refused_outside_of_run_sync(
    url: str, types: ModuleType, driver: str
) -> None:
    async def body() -> None:
        async with AsyncSession(make_async_engine(url, driver)) as session:
            with pytest.raises(UnusableConnection, match="belongs to an asynchronous engine"):
                types.PlainJob.create_sync(session.sync_session, note="x")

    asyncio.run(body())


@pytest.mark.parametrize("driver", DRIVERS)
def test_failed_transaction_has_one_error_over_each_driver(
    url: str, types: ModuleType, driver: str
) -> None:
    async def body(caller: Caller) -> None:
        with pytest.raises(IntegrityError):
            await caller.do(caller.session.execute, NULL)
        for record, values in (
            (types.PlainJob, {"note": "x"}),
            (types.MailJob, {"customer_id": 1}),
        ):
            with pytest.raises(TransactionFailed, match=r"refuses all others until .*\nRoll back"):
                await caller.call(record, "create", **values)
            with pytest.raises(TransactionFailed):
                await caller.call_last(record, "create_many", [values])
        await caller.rollback()
        await caller.call(types.PlainJob, "create", note="x")
        await caller.commit()

    async def opened() -> None:
        async with open_session(url, driver) as caller:
            await body(caller)

    asyncio.run(opened())


def test_session_whose_flush_failed_is_to_be_rolled_back(url: str, types: ModuleType) -> None:
    with Session(make_engine(url, "psycopg2")) as session:
        session.add(Customer(id=1, name="a duplicate"))
        # It is SQLAlchemy's own statement that fails, so the error is SQLAlchemy's.
        with pytest.raises(IntegrityError):
            types.PlainJob.create_sync(session, note="x")
        with pytest.raises(TransactionFailed, match="Roll back the session"):
            types.PlainJob.create_sync(session, note="x")
        session.rollback()
        types.PlainJob.create_sync(session, note="x")
        session.commit()


def test_psycopg_connection_in_a_failed_transaction_has_the_same_error(
    url: str, types: ModuleType
) -> None:
    with closing(psycopg.connect(url)) as conn:
        with pytest.raises(psycopg.errors.SyntaxError):
            conn.execute("nonsense")
        for record, values in (
            (types.PlainJob, {"note": "x"}),
            (types.MailJob, {"customer_id": 1}),
        ):
            for call in (
                lambda record=record, values=values: record.create_sync(conn, **values),
                lambda record=record, values=values: record.create_many_sync([values], conn),
            ):
                with pytest.raises(TransactionFailed, match="Roll back"):
                    call()  # type: ignore[no-untyped-call]


def test_psycopg_session_is_used_by_one_event_loop_after_another(
    url: str, types: ModuleType
) -> None:
    session = AsyncSession(make_async_engine(url, "psycopg"))
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    with closing(first), closing(second):
        one = first.run_until_complete(types.PlainJob.create(session, note="x"))
        assert second.run_until_complete(types.PlainJob.get(one.id, conn=session)) == one
        second.run_until_complete(session.commit())
        first.run_until_complete(session.close())


def test_asyncpg_session_of_another_event_loop_is_refused(url: str, types: ModuleType) -> None:
    engine = make_async_engine(url, "asyncpg")
    session = AsyncSession(engine)
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    with closing(first), closing(second):
        first.run_until_complete(types.PlainJob.create(session, note="x"))
        with pytest.raises(UnusableConnection, match="belongs to another event loop"):
            second.run_until_complete(types.PlainJob.create(session, note="x"))
        first.run_until_complete(session.close())
