"""Records work in the transactions of SQLAlchemy, whichever driver and object it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import psycopg
import pytest
import sqlalchemy
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jobgen_runtime import Cancellation, ChangeSuppressed, DuplicateJob, JobStatus
from jobgen_runtime.contract.errors import QueryMismatch, RecordNotFound
from jobgen_runtime.database.failed_transaction import TransactionFailed
from jobgen_runtime.database.missing_objects import MissingTable
from psycopg.errors import (
    ForeignKeyViolation,
    NotNullViolation,
    UndefinedColumn,
    UniqueViolation,
)
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.orm import sessionmaker as make_sessionmaker
from sqlalchemy.pool import NullPool

from tests.support.callers import (
    DRIVERS,
    Caller,
    Customer,
    connect_arguments,
    make_async_engine,
    make_engine,
    open_session,
)

NOTE = '100 % of :name, it\'s "$1" \\ %s %(x)s ?'

KEEP_OUT = """
CREATE FUNCTION keep_out() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'
"""
USE_KEEP_OUT = """
CREATE TRIGGER keep_out BEFORE INSERT ON plain_jobs FOR EACH ROW EXECUTE FUNCTION keep_out()
"""


def run(url: str, driver: str, body: Callable[[Caller], Coroutine[Any, Any, None]]) -> None:
    """Run the body with a session over the driver."""

    async def opened() -> None:
        async with open_session(url, driver) as caller:
            await body(caller)

    asyncio.run(opened())


def count(url: str, table: str = "plain_jobs") -> int:
    """Return how many rows another connection sees."""
    with psycopg.connect(url) as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


each_driver = pytest.mark.parametrize("driver", DRIVERS)


@each_driver
def test_job_exists_only_if_the_session_commits(url: str, types: ModuleType, driver: str) -> None:
    async def body(caller: Caller) -> None:
        await caller.call(types.PlainJob, "create", note=NOTE)
        assert count(url) == 0
        await caller.rollback()
        created = await caller.call(types.PlainJob, "create", note=NOTE)
        await caller.commit()
        assert count(url) == 1
        with psycopg.connect(url) as conn:
            assert types.PlainJob.get_sync(created.id, conn=conn) == created
            assert created.note == NOTE

    run(url, driver, body)


@each_driver
def test_every_method_of_a_record_works_in_a_session(
    url: str, types: ModuleType, driver: str
) -> None:
    record = types.PlainJob

    async def body(caller: Caller) -> None:
        one, two = await caller.call_last(record, "create_many", [{"note": "1"}, {"note": "2"}])
        assert await caller.call_last(record, "insert_many", [{"note": "3"}, {"note": NOTE}]) == 2
        assert await caller.call(one, "update", note="new", position=5) is one
        assert (await caller.call_last(record, "get", one.id)).note == "new"
        assert (await caller.call(two, "cancel")) is Cancellation.DONE
        assert (await caller.call(two, "refresh")).status is JobStatus.FAILED
        await caller.call(two, "retry")
        assert (await caller.call(two, "refresh")).status is JobStatus.NOT_STARTED
        await caller.call(two, "delete")
        with pytest.raises(RecordNotFound):
            await caller.call(two, "refresh")
        assert await caller.call(record, "pause")
        assert not await caller.call(record, "pause")
        assert await caller.call(record, "resume")
        query = (
            "SELECT 1 AS more, * FROM plain_jobs WHERE note = %s AND note LIKE '%%\\%%%%' -- it's"
        )
        [found] = await caller.call_last(record, "fetch_all", query, [NOTE])
        assert found.note == NOTE
        by_name = "SELECT * FROM plain_jobs WHERE note = ANY(%(notes)s) ORDER BY note DESC;"
        notes = await caller.call_last(record, "fetch_all", by_name, {"notes": ["new", "3"]})
        assert [job.note for job in notes] == ["new", "3"]
        assert count(url) == 0
        await caller.commit()
        assert count(url) == 3

    run(url, driver, body)


@each_driver
def test_pending_objects_are_flushed_before_a_job_refers_to_them(
    url: str, types: ModuleType, driver: str
) -> None:
    async def body(caller: Caller) -> None:
        caller.session.add(Customer(id=2, name="Grace"))
        job = await caller.call(types.MailJob, "create", customer_id=2)
        await caller.commit()
        assert job.customer_id == 2
        with caller.session.no_autoflush:
            caller.session.add(Customer(id=3, name="Edsger"))
            with pytest.raises(ForeignKeyViolation):
                await caller.call(types.MailJob, "create", customer_id=3)

    run(url, driver, body)


@each_driver
def test_session_goes_on_after_a_duplicate(url: str, types: ModuleType, driver: str) -> None:
    record = types.MailJob

    async def body(caller: Caller) -> None:
        first = await caller.call(record, "create", customer_id=1)
        with pytest.raises(DuplicateJob) as raised:
            await caller.call(record, "create", customer_id=1)
        assert raised.value.existing == first
        assert await caller.call(record, "get_or_create", customer_id=1) == (first, False)
        updated, is_new = await caller.call(record, "update_or_create", customer_id=1, note=NOTE)
        assert (updated.id, updated.note, is_new) == (first.id, NOTE, False)
        with pytest.raises(DuplicateJob, match="one_mail"):
            await caller.call_last(record, "create_many", [{"customer_id": 1}])
        assert await caller.call_last(record, "insert_many", [{"customer_id": 1}]) == 0
        await caller.call(first, "cancel")
        second = await caller.call(record, "create", customer_id=1)
        with pytest.raises(DuplicateJob, match="cannot start over"):
            await caller.call(first, "retry")
        await caller.commit()
        assert second.customer_id == 1
        assert count(url, "mail_jobs") == 2

    run(url, driver, body)


@each_driver
def test_errors_of_the_database_are_the_same_over_each_driver(
    url: str, types: ModuleType, driver: str
) -> None:
    async def body(caller: Caller) -> None:
        with pytest.raises(NotNullViolation) as null:
            await caller.call(types.PlainJob, "create", note=None)
        assert null.value.diag.column_name == "note"
        assert any("needs a value for `note`" in note for note in null.value.__notes__)
        await caller.rollback()
        with pytest.raises(ForeignKeyViolation, match=r"not present in table") as reference:
            await caller.call(types.MailJob, "create", customer_id=9)
        assert reference.value.diag.constraint_name == "mail_jobs_customer_id_fkey"
        assert reference.value.sqlstate == "23503"
        await caller.rollback()
        with pytest.raises(UniqueViolation):
            await caller.call_last(types.PlainJob, "create_many", [{"note": "", "position": 1}] * 2)
        await caller.rollback()
        for query in ("SELECT 1 AS id", "SELECT a.*, 1 AS id FROM plain_jobs AS a"):
            with pytest.raises(QueryMismatch, match="The query's result is not a row of"):
                await caller.call_last(types.PlainJob, "fetch_all", query)
            await caller.rollback()
        with pytest.raises(UndefinedColumn, match="nonsense"):
            await caller.call_last(types.PlainJob, "fetch_all", "SELECT nonsense FROM plain_jobs")
        await caller.rollback()
        await caller.do(
            caller.session.execute, sqlalchemy.text("ALTER TABLE plain_jobs RENAME TO gone")
        )
        with pytest.raises(MissingTable, match="plain_jobs"):
            await caller.call(types.PlainJob, "create", note="x")

    run(url, driver, body)


@each_driver
def test_many_rows_are_all_or_none_in_autocommit_mode(
    url: str, types: ModuleType, driver: str
) -> None:
    async def body() -> None:
        async with open_session(url, driver, isolation_level="AUTOCOMMIT") as caller:
            batches = [{"note": str(number), "position": number} for number in range(1500)]
            with pytest.raises(UniqueViolation):
                await caller.call_last(types.PlainJob, "create_many", [*batches, batches[0]])
            assert count(url) == 0
            assert await caller.call_last(types.PlainJob, "insert_many", batches) == 1500
            assert count(url) == 1500
            await caller.call(types.MailJob, "create", customer_id=1)
            with pytest.raises(DuplicateJob):
                await caller.call_last(types.MailJob, "create_many", [{"customer_id": 1}])

    asyncio.run(body())


@each_driver
def test_suppressed_insert_is_reported(url: str, types: ModuleType, driver: str) -> None:
    async def body(caller: Caller) -> None:
        await caller.do(caller.session.execute, sqlalchemy.text(KEEP_OUT))
        await caller.do(caller.session.execute, sqlalchemy.text(USE_KEEP_OUT))
        with pytest.raises(ChangeSuppressed):
            await caller.call(types.PlainJob, "create", note="x")
        with pytest.raises(ChangeSuppressed, match="1 of 1"):
            await caller.call_last(types.PlainJob, "create_many", [{"note": "x"}])

    run(url, driver, body)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_connection_scoped_session_and_pooled_connection_are_accepted(
    url: str, types: ModuleType, driver: str
) -> None:
    engine = make_engine(url, driver)
    record = types.PlainJob
    with engine.connect() as conn:
        record.create_sync(conn, note="begun by the job")
        conn.commit()
        record.create_sync(conn, note="closed without a commit")
    with engine.begin() as conn, conn.begin_nested() as nested:
        record.create_sync(conn, note="rolled back with the savepoint")
        nested.rollback()
    assert count(url) == 1
    registry = scoped_session(make_sessionmaker(engine))
    record.create_sync(registry, note="scoped")
    registry.commit()
    registry.remove()
    pooled = engine.raw_connection()
    if driver == "psycopg":
        record.create_sync(pooled, note="pooled")
        pooled.commit()
    else:
        with pytest.raises(TypeError, match="is of the driver psycopg2"):
            record.create_sync(pooled, note="pooled")
    pooled.close()
    assert count(url) == (3 if driver == "psycopg" else 2)


@each_driver
@pytest.mark.parametrize("is_unique", [False, True], ids=["plain", "unique"])
def test_session_is_usable_after_its_connection_was_lost_and_it_was_rolled_back(
    url: str, types: ModuleType, driver: str, is_unique: bool
) -> None:
    record: Any = types.MailJob if is_unique else types.PlainJob
    values: dict[str, Any] = {"customer_id": 1} if is_unique else {"note": "x"}

    async def body(caller: Caller) -> None:
        query = sqlalchemy.text("SELECT pg_backend_pid()")
        number = (await caller.do(caller.session.execute, query)).scalar_one()
        with psycopg.connect(url) as conn:
            conn.execute("SELECT pg_terminate_backend(%s, 60000)", [number])
        with pytest.raises(psycopg.OperationalError):
            await caller.call_last(record, "create_many", [values])
        with pytest.raises(TransactionFailed):
            await caller.call(record, "create", **values)
        await caller.rollback()
        await caller.call(record, "create", **values)
        await caller.commit()

    run(url, driver, body)
    assert count(url, "mail_jobs" if is_unique else "plain_jobs") == 1


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_session_that_joins_a_transaction_of_a_test_is_undone_with_it(
    url: str, types: ModuleType, driver: str
) -> None:
    with make_engine(url, driver).connect() as conn:
        outer = conn.begin()
        with Session(conn, join_transaction_mode="create_savepoint") as session:
            types.PlainJob.create_sync(session, note="committed")
            session.commit()
            types.PlainJob.create_sync(session, note="rolled back")
            session.rollback()
            [job] = types.PlainJob.fetch_all_sync("SELECT * FROM plain_jobs", conn=session)
            assert job.note == "committed"
        outer.rollback()
    assert count(url) == 0


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_asynchronous_connection_and_scoped_session_are_accepted(
    url: str, types: ModuleType, driver: str
) -> None:
    record = types.PlainJob

    async def body() -> None:
        engine = make_async_engine(url, driver)
        async with engine.connect() as conn:
            await record.create(conn, note="begun by the job")
            await conn.commit()
            await record.create(conn, note="closed without a commit")
        async with engine.begin() as conn:
            await record.create(conn, note="in begin()")
        scoped = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)
        await record.create(scoped, note="scoped")
        await scoped.commit()
        await scoped.remove()
        async with AsyncSession(engine) as session:
            job = await session.run_sync(lambda inner: record.create_sync(inner, note=NOTE))
            await session.commit()
        assert job.note == NOTE
        assert count(url) == 4

    asyncio.run(body())


def test_session_of_flask_sqlalchemy_is_accepted(url: str, types: ModuleType) -> None:
    flask = Flask("shop")
    flask.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://"
    flask.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "poolclass": NullPool,
        "connect_args": connect_arguments(url),
    }
    db = SQLAlchemy(flask)
    with flask.app_context():
        types.PlainJob.create_sync(db.session, note="in a view")
        db.session.commit()
        with pytest.raises(TypeError, match=r"Pass its session: `db\.session`"):
            types.PlainJob.create_sync(db, note="x")
    assert count(url) == 1


def test_session_with_a_json_loader_has_the_records_of_the_pool(
    database: str, types: ModuleType
) -> None:
    engine = make_engine(database, "psycopg", json_deserializer=lambda text: f"loaded {text}")
    with Session(engine) as session:
        session.execute(sqlalchemy.text("CREATE TABLE customers (id JSONB PRIMARY KEY, name TEXT)"))
        loaded = types.Customer.fetch_all_sync(
            "INSERT INTO customers VALUES ('[1]', '') RETURNING *", conn=session
        )
        assert [customer.id for customer in loaded] == [[1]]
