"""A unique index allows one job at a time: `create` says so, and the others return that job."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime import ChangeSuppressed, DuplicateJob, JobStatus, configure
from jobgen_runtime.contract.errors import SchemaError
from jobgen_runtime.database import close_pool, close_pool_sync
from jobgen_runtime.job_table.unique import UNIQUE_WHILE
from jobgen_runtime.preflight.unique_index import find_missing_unique_index
from jobgen_runtime.record.unique_statements import DuplicateKey
from psycopg import IsolationLevel
from psycopg.errors import SerializationFailure, UniqueViolation

from tests.support.schema import job_block
from tests.support.waiting import TIMEOUT
from tests.types_file.rendering import rendered

CLIENTS = 32
BAND = ("band",)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
SYNC = job_block(
    "Sync",
    "band INT NOT NULL",
    "day DATE DEFAULT CURRENT_DATE NOT NULL",
    "price NUMERIC(10,2)",
    "note TEXT",
)


def unique_index(name: str, columns: tuple[str, ...], duration: str) -> str:
    """Return the statement that creates a unique index of sync_jobs, as `jobgen job` writes it."""
    statuses = ", ".join(f"'{status}'" for status in UNIQUE_WHILE[duration] or ())
    where = f" WHERE status IN ({statuses})" if statuses else ""
    return f"CREATE UNIQUE INDEX {name} ON sync_jobs ({', '.join(columns)}){where};\n"


class Kind:
    """The table `sync_jobs` with unique indexes, and its record as `jobgen types` writes it."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn = conn

    def record(self, *indexes: str, columns: tuple[str, ...] = BAND, duration: str) -> Any:
        """Create the indexes, and return the record class."""
        names = indexes or ("one",)
        text = "".join(unique_index(name, columns, duration) for name in names)
        self.conn.execute(text.encode())
        module = ModuleType("sync_types")
        sys.modules[module.__name__] = module
        exec(rendered(SYNC + text), module.__dict__)  # noqa: S102 -- Types.py of the test's schema
        return module.SyncJob  # type: ignore[attr-defined,unused-ignore]

    def set_status(self, status: str) -> None:
        """Give all jobs this status."""
        self.conn.execute("UPDATE sync_jobs SET status = %s", [f"job_status_{status}"])

    def count(self) -> int:
        """Return the number of jobs."""
        return len(self.conn.execute("SELECT FROM sync_jobs").fetchall())


@pytest.fixture(scope="module")
def url(runtime_database: str) -> Iterator[str]:
    configure(runtime_database)
    yield runtime_database
    close_pool_sync()
    configure(None)


@pytest.fixture
def kind(url: str) -> Iterator[Kind]:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(SYNC.encode())
        yield Kind(conn)
        conn.execute("DROP TABLE sync_jobs")
        conn.execute("DROP FUNCTION IF EXISTS hostile")


def run(body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the body on a new event loop, and close the loop's pool."""

    async def closing() -> None:
        try:
            await body()
        finally:
            await close_pool()

    asyncio.run(closing())


@pytest.mark.parametrize(
    ("duration", "allowing"),
    [
        ("waiting", {"running", "succeeded", "failed", "timed_out"}),
        ("unfinished", {"succeeded", "failed", "timed_out"}),
        ("always", set()),
    ],
)
def test_duplicate_is_refused_while_the_other_job_counts(
    kind: Kind, duration: str, allowing: set[str]
) -> None:
    record = kind.record(duration=duration)
    statuses = [status.value.removeprefix("job_status_") for status in JobStatus]
    for band, status in enumerate(statuses):
        job = record.create_sync(band=band)
        kind.conn.execute(
            "UPDATE sync_jobs SET status = %s WHERE band = %s", [f"job_status_{status}", band]
        )
        if status in allowing:
            assert record.create_sync(band=band).id != job.id
            continue
        with pytest.raises(DuplicateJob, match="one allows one such SyncJob") as raised:
            record.create_sync(band=band)
        assert raised.value.existing == job.refresh_sync()
        assert f"the job {job.id}, whose status is: {status.replace('_', ' ')}" in str(raised.value)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_callers_transaction_goes_on_after_a_duplicate(
    kind: Kind, url: str, is_async: bool
) -> None:
    record = kind.record(duration="unfinished")
    first = record.create_sync(band=1)

    async def body() -> None:
        async with await psycopg.AsyncConnection.connect(url) as conn:
            job = await record.create(conn, band=2)
            for band, existing in ((1, first), (2, job)):
                with pytest.raises(DuplicateJob) as raised:
                    await record.create(conn, band=band)
                assert raised.value.existing == existing
            with pytest.raises(DuplicateJob, match=r"Key \(band\)=\(1\)"):
                await record.create_many([{"band": 3}, {"band": 1}], conn=conn)
            assert await record.insert_many([{"band": n} for n in (1, 4, 4)], conn=conn) == 1
            assert (await record.get_or_create(conn, band=2)) == (job, False)
            assert kind.count() == 1

    if is_async:
        run(body)
    else:
        with psycopg.connect(url) as conn:
            job = record.create_sync(conn, band=2)
            for band, existing in ((1, first), (2, job)):
                with pytest.raises(DuplicateJob) as raised:
                    record.create_sync(conn, band=band)
                assert raised.value.existing == existing
            with pytest.raises(DuplicateJob, match=r"Key \(band\)=\(1\)"):
                record.create_many_sync([{"band": 3}, {"band": 1}], conn=conn)
            assert record.insert_many_sync([{"band": n} for n in (1, 4, 4)], conn=conn) == 1
            assert record.get_or_create_sync(conn, band=2) == (job, False)
            assert kind.count() == 1
    bands = kind.conn.execute("SELECT band FROM sync_jobs ORDER BY band").fetchall()
    assert bands == [(1,), (2,), (4,)]


def test_first_statement_of_a_transaction_does_not_commit_it(kind: Kind, url: str) -> None:
    record = kind.record(duration="unfinished")
    record.create_sync(band=1)
    with psycopg.connect(url) as conn:
        record.create_many_sync([{"band": 2}], conn=conn)
        conn.rollback()
        with pytest.raises(DuplicateJob):
            record.create_many_sync([{"band": 2}, {"band": 1}], conn=conn)
        conn.rollback()
        assert record.get_or_create_sync(conn, band=3)[1]
        conn.rollback()
    assert kind.count() == 1


def test_callers_transaction_goes_on_after_a_retry_of_a_duplicate(kind: Kind, url: str) -> None:
    record = kind.record(duration="unfinished")
    job = record.create_sync(band=1)
    kind.set_status("failed")
    record.create_sync(band=1)

    async def body() -> None:
        async with await psycopg.AsyncConnection.connect(url) as conn:
            with pytest.raises(DuplicateJob, match="cannot start over"):
                await job.retry(conn)
            await record.create(conn, band=2)

    with psycopg.connect(url) as conn:
        with pytest.raises(DuplicateJob, match="cannot start over"):
            job.retry_sync(conn)
        record.create_sync(conn, band=3)
    run(body)
    assert kind.count() == 4


def test_create_many_without_a_connection_inserts_all_rows_or_none(kind: Kind) -> None:
    record = kind.record(duration="unfinished")
    with pytest.raises(DuplicateJob) as raised:
        record.create_many_sync([{"band": 1}, {"band": 2}, {"band": 1}])
    assert raised.value.existing is None
    assert kind.count() == 0
    assert len(record.create_many_sync([{"band": 1}, {"band": 2}])) == 2

    async def body() -> None:
        with pytest.raises(DuplicateJob):
            await record.create_many([{"band": 3}, {"band": 1}])
        assert await record.insert_many([{"band": 3}, {"band": 1}]) == 1

    run(body)
    assert kind.count() == 3


@pytest.mark.parametrize("duration", ["waiting", "unfinished"])
def test_one_of_many_clients_creates_the_job_and_all_others_get_it(
    kind: Kind, url: str, duration: str
) -> None:
    record, start = kind.record(duration=duration), threading.Barrier(CLIENTS, timeout=TIMEOUT)

    def client(number: int) -> tuple[UUID, bool]:
        with psycopg.connect(url, autocommit=number % 2 == 0) as conn:
            start.wait()
            match number % 4:
                case 0 | 1:
                    try:
                        job, created = record.create_sync(conn, band=1), True
                    except DuplicateJob as error:
                        job, created = error.existing, False
                case 2:
                    job, created = record.get_or_create_sync(conn, band=1)
                case _:
                    job, created = record.update_or_create_sync(conn, band=1, note=str(number))
            assert conn.execute("SELECT 1").fetchone() == (1,)
            return job.id, created

    with ThreadPoolExecutor(CLIENTS) as clients:
        results = list(clients.map(client, range(CLIENTS)))
    assert len({job for job, _ in results}) == 1
    assert sum(created for _, created in results) == 1
    assert kind.count() == 1


def test_many_tasks_of_a_loop_create_one_job(kind: Kind) -> None:
    record = kind.record(duration="unfinished")

    async def body() -> None:
        results = await asyncio.gather(
            *(record.get_or_create(band=1, note=str(n)) for n in range(CLIENTS))
        )
        assert len({job.id for job, _ in results}) == 1
        assert sum(created for _, created in results) == 1

    run(body)
    assert kind.count() == 1


def test_clients_never_miss_a_job_that_ends_again_and_again(kind: Kind, url: str) -> None:
    record, is_over = kind.record(duration="unfinished"), threading.Event()

    def ending() -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            while not is_over.is_set():
                conn.execute("UPDATE sync_jobs SET status = 'job_status_succeeded'")

    def client(_: int) -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            for _ in range(20):
                assert record.get_or_create_sync(conn, band=1)[0].band == 1

    thread = threading.Thread(target=ending)
    thread.start()
    try:
        with ThreadPoolExecutor(8) as clients:
            list(clients.map(client, range(8)))
    finally:
        is_over.set()
        thread.join(TIMEOUT)
    assert kind.count() >= 1


def test_update_or_create_changes_a_waiting_job_and_leaves_a_running_one_alone(
    kind: Kind,
) -> None:
    record = kind.record(duration="unfinished")
    job, created = record.update_or_create_sync(band=1, note="first")
    assert created
    again, created = record.update_or_create_sync(band=1, note="second", run_at=LATER)
    assert (again.id, again.note, again.run_at, created) == (job.id, "second", LATER, False)
    assert again.updated_at > job.updated_at
    kind.set_status("retry")
    assert record.update_or_create_sync(band=1, note="third")[0].note == "third"
    assert record.update_or_create_sync(band=1)[0].note == "third"
    kind.set_status("running")

    async def body() -> None:
        left, created = await record.update_or_create(band=1, note="late", run_at=LATER)
        assert (left.id, left.note, left.status) == (job.id, "third", JobStatus.RUNNING)
        assert not created

    run(body)
    kind.set_status("succeeded")
    assert record.update_or_create_sync(band=1)[1]


def test_update_or_create_adds_a_job_behind_a_running_one_that_no_longer_counts(
    kind: Kind,
) -> None:
    record = kind.record(duration="waiting")
    first = record.create_sync(band=1)
    kind.set_status("running")
    second, created = record.update_or_create_sync(band=1, note="next")
    assert created
    assert record.update_or_create_sync(band=1, note="again")[0].id == second.id
    assert first.refresh_sync().note is None


def test_update_or_create_refuses_columns_of_the_runtime(kind: Kind) -> None:
    record = kind.record(duration="waiting")
    with pytest.raises(TypeError, match=r"SyncJob\.update_or_create_sync\(\) cannot set status"):
        record.update_or_create_sync(band=1, status=JobStatus.RETRY)
    assert kind.count() == 0


def test_existing_job_is_found_by_defaults_and_rounded_values(kind: Kind) -> None:
    record = kind.record(columns=("band", "day", "price"), duration="always")
    job = record.create_sync(band=1, price=Decimal("1.005"))
    for _ in range(2):
        assert record.get_or_create_sync(band=1, price=Decimal("1.005")) == (job, False)
    assert record.get_or_create_sync(band=1, price=Decimal("1.01"), day=job.day) == (job, False)
    assert record.update_or_create_sync(band=1, price=Decimal("1.005"), note="x")[0].note == "x"
    assert record.get_or_create_sync(band=1)[1]
    assert record.get_or_create_sync(band=1, price=None)[1], "NULL equals no other NULL"


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_transaction_with_a_snapshot_sees_the_job_or_has_to_be_repeated(
    kind: Kind, url: str, level: IsolationLevel
) -> None:
    record = kind.record(duration="unfinished")
    record.create_sync(band=1)
    with psycopg.connect(url) as conn:
        conn.isolation_level = level
        with pytest.raises(DuplicateJob) as raised:
            record.create_sync(conn, band=1)
        assert raised.value.existing is not None
        assert raised.value.existing.band == 1
        record.create_sync(band=2)
        with pytest.raises(SerializationFailure):
            record.create_sync(conn, band=2)
        conn.rollback()
        assert record.get_or_create_sync(conn, band=2)[1] is False


@pytest.mark.parametrize(
    ("action", "error"),
    [("RETURN NULL", ChangeSuppressed), ("NEW.band := 7; RETURN NEW", DuplicateJob)],
    ids=["suppressed", "changed"],
)
def test_trigger_that_hides_the_cause_is_reported_and_the_transaction_goes_on(
    kind: Kind, url: str, action: str, error: type[Exception]
) -> None:
    record = kind.record(duration="unfinished")
    record.create_sync(band=7)
    kind.conn.execute(
        f"CREATE FUNCTION hostile() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN {action}; END $$;"
        " CREATE TRIGGER hostile BEFORE INSERT ON sync_jobs"
        " FOR EACH ROW EXECUTE FUNCTION hostile()".encode()
    )
    with psycopg.connect(url) as conn:
        with pytest.raises(error):
            record.create_sync(conn, band=1)
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_update_that_a_trigger_suppresses_is_reported(kind: Kind) -> None:
    record = kind.record(duration="unfinished")
    record.create_sync(band=1)
    kind.conn.execute(
        "CREATE FUNCTION hostile() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$;"
        " CREATE TRIGGER hostile BEFORE UPDATE ON sync_jobs"
        " FOR EACH ROW EXECUTE FUNCTION hostile()"
    )
    with pytest.raises(ChangeSuppressed):
        record.update_or_create_sync(band=1, note="x")


def test_other_violations_are_the_databases_own_errors(kind: Kind) -> None:
    record = kind.record(duration="unfinished")
    job = record.create_sync(band=1)
    with pytest.raises(UniqueViolation, match="sync_jobs_pkey"):
        record.create_sync(band=2, id=job.id)
    with pytest.raises(UniqueViolation, match="sync_jobs_pkey"):
        record.create_many_sync([{"band": 2, "id": job.id}])
    with pytest.raises(TypeError, match=r"SyncJob\.create_sync\(\) got an unexpected .*'bnad'"):
        record.create_sync(bnad=2)


def test_kinds_without_one_unique_index_say_what_they_need(kind: Kind) -> None:
    several = kind.record("one", "two", duration="unfinished")
    job = several.create_sync(band=1)
    with pytest.raises(TypeError, match="and sync_jobs has several: one, two"):
        several.get_or_create_sync(band=1)
    with pytest.raises(UniqueViolation):
        several.create_sync(band=1)
    with pytest.raises(DuplicateJob):
        several.create_many_sync([{"band": 1}])
    several.__table__ = type(job.__table__)("sync_jobs", columns=job.__table__.columns)
    for method in (several.get_or_create_sync, several.update_or_create_sync):
        with pytest.raises(TypeError, match=r"Write one with `jobgen job NAME … --unique COLUMN`"):
            method(band=1)


@pytest.mark.parametrize("duration", UNIQUE_WHILE)
def test_other_job_is_found_and_updated_by_the_unique_index(
    kind: Kind, url: str, duration: str
) -> None:
    table = kind.record(columns=("band", "note"), duration=duration).__table__
    key = DuplicateKey(table, table.unique_index, {"band": 1, "note": "x", "run_at": LATER})
    with psycopg.connect(url, cursor_factory=psycopg.RawCursor) as conn:
        conn.execute("SET enable_seqscan = off")
        for statement in (key.select(), key.update()):
            query = b"EXPLAIN " + cast("bytes", statement.query)
            rows = conn.execute(query, cast("list[Any]", statement.params)).fetchall()
            assert "using one on sync_jobs" in "\n".join(line for (line,) in rows)


def test_missing_index_is_named_and_the_check_has_the_sql_that_adds_it(
    kind: Kind, url: str
) -> None:
    record = kind.record(duration="unfinished")

    async def problems() -> list[Any]:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            return await find_missing_unique_index(conn, record.__table__, is_partitioned=False)

    assert asyncio.run(problems()) == []
    kind.conn.execute("DROP INDEX one")
    with pytest.raises(SchemaError, match="no valid unique index one on sync_jobs") as raised:
        record.create_sync(band=1)
    assert "jobgen migrate" in str(raised.value)
    with pytest.raises(SchemaError):
        record.insert_many_sync([{"band": 1}])
    [problem] = asyncio.run(problems())
    assert "no valid unique index on (band)" in problem.message
    assert not problem.is_fatal
    for statement in problem.statements:
        kind.conn.execute(statement.encode())
    assert asyncio.run(problems()) == []
    assert record.create_sync(band=1)
