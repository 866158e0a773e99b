"""Records are updated and deleted by their primary key."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from jobgen_runtime import (
    ChangeSuppressed,
    ClaimLost,
    JobRunning,
    JobStatus,
    Record,
    RecordNotFound,
    Table,
    TransitionSuppressed,
    configure,
)
from jobgen_runtime.contract.context import Fence, JobContext, TransactionState, current_job
from jobgen_runtime.database import close_pool, close_pool_sync

from tests.support.shop_types import Band, Color, ProbeJob


@pytest.fixture
def url(app_database: str) -> Iterator[str]:
    configure(app_database)
    yield app_database
    close_pool_sync()
    configure(None)


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection in autocommit mode, of the owner of the tables."""
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


class Entry(Record):
    """A row of `log.entries`, whose key has two columns, one of them with an odd name."""

    __table__: ClassVar = Table(
        "entries",
        schema="log",
        columns=("year", "no %s", "text", "doubled", "counted"),
        key=("year", "no %s"),
        attributes={"no %s": "no"},
    )
    year: int
    no: int
    text: str | None
    doubled: int
    counted: int


class Line(Record):
    """A row of `lines`, which has no primary key."""

    __table__: ClassVar = Table("lines", columns=("text",))


ENTRIES = """
CREATE SCHEMA log;
CREATE TABLE log.entries (
    year int, "no %s" int, text text, doubled int GENERATED ALWAYS AS (2 * "no %s") STORED,
    counted int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (year, "no %s")
) PARTITION BY LIST (year);
CREATE TABLE log.entries_2025 PARTITION OF log.entries FOR VALUES IN (2025);
CREATE TABLE log.entries_2026 PARTITION OF log.entries FOR VALUES IN (2026);
"""


def test_update_writes_values_of_every_type_and_returns_the_same_record(url: str) -> None:
    band, other = Band.create_sync(name="before", document=[1]), Band.create_sync(name="other")
    changed = band.update_sync(
        name="%s $1",
        color=Color.SKY_BLUE,
        colors=[Color.RED, Color.SKY_BLUE],
        class_=3,
        document={"albums": [1, None, "x"]},
        documents=[{"a": 1}, [2], None],
        members=["John, Paul", "{}", ""],
    )
    assert changed is band
    assert (band.name, band.color, band.class_) == ("%s $1", Color.SKY_BLUE, 3)
    assert Band.get_sync(band.id) == band
    band.update_sync(color=None, document=None)
    assert (band.color, band.document, band.name) == (None, None, "%s $1")
    assert Band.get_sync(band.id) == band
    assert Band.get_sync(other.id) == other


def test_update_reads_values_that_others_have_written_meanwhile(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    band = Band.create_sync(name="before")
    owner.execute("UPDATE bands SET class = 9")
    assert band.update_sync(name="after").class_ == 9


def test_update_of_the_primary_key_moves_the_record(url: str) -> None:
    band, new = Band.create_sync(name="x"), uuid4()
    before = band.id
    assert band.update_sync(id=new).id == new
    assert band.refresh_sync().id == new
    with pytest.raises(RecordNotFound, match=str(before)):
        Band.get_sync(before)


def test_update_without_values_reads_the_row_again(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    band = Band.create_sync(name="before")
    owner.execute("UPDATE bands SET name = 'after'")
    assert band.update_sync().name == "after"


@pytest.mark.parametrize("autocommit", [False, True])
def test_update_and_delete_work_inside_the_callers_transaction(url: str, autocommit: bool) -> None:
    async def body() -> None:
        band, gone = await Band.create(name="before"), await Band.create(name="gone")
        conn = await psycopg.AsyncConnection.connect(url, autocommit=autocommit)
        async with conn:
            async with conn.transaction(force_rollback=True):
                assert (await band.update(conn, name="after")).name == "after"
                await gone.delete(conn)
                with pytest.raises(RecordNotFound, match=str(gone.id)):
                    await gone.refresh(conn)
                assert (await Band.get(band.id)).name == "before"
            assert (await band.refresh(conn)).name == "before"
            await gone.refresh(conn)
        assert (await band.update(name="committed")).name == "committed"
        await gone.delete()
        assert [found.name for found in await Band.fetch_all("SELECT * FROM bands")] == [
            "committed"
        ]
        await close_pool()

    asyncio.run(body())


def test_update_and_delete_of_a_deleted_row_raise_record_not_found(url: str) -> None:
    band = Band.create_sync(name="x")
    with psycopg.connect(url) as conn:
        band.delete_sync(conn)
        assert band.name == "x"
        with pytest.raises(RecordNotFound, match=f"No Band has id={band.id}"):
            band.update_sync(conn, name="y")
        with pytest.raises(RecordNotFound, match=f"No Band has id={band.id}"):
            band.delete_sync(conn)

    async def body() -> None:
        with pytest.raises(RecordNotFound):
            await band.update(name="y")
        with pytest.raises(RecordNotFound):
            await band.delete()
        with pytest.raises(RecordNotFound):
            await band.update()
        await close_pool()

    asyncio.run(body())


def test_trigger_that_returns_null_is_told_from_a_missing_row(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    band = Band.create_sync(name="x")
    owner.execute(
        "CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    )
    owner.execute(
        "CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON bands FOR EACH ROW EXECUTE FUNCTION keep()"
    )
    with pytest.raises(ChangeSuppressed, match=rf"Band with id={band.id} was not changed: a trig"):
        band.update_sync(name="y")
    with pytest.raises(ChangeSuppressed):
        band.delete_sync()

    async def body() -> None:
        with pytest.raises(ChangeSuppressed):
            await band.update(name="y")
        with pytest.raises(ChangeSuppressed):
            await band.delete()
        await close_pool()

    asyncio.run(body())
    assert Band.get_sync(band.id).name == band.name == "x"


def test_trigger_that_keeps_a_row_from_being_inserted_is_reported(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    )
    owner.execute("CREATE TRIGGER keep BEFORE INSERT ON bands FOR EACH ROW EXECUTE FUNCTION keep()")
    with pytest.raises(ChangeSuppressed, match="The Band was not inserted: a trigger or a rule of"):
        Band.create_sync(name="x")


def test_create_many_inserts_no_row_if_a_trigger_suppresses_one(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql"
        " AS 'BEGIN IF NEW.name = ''out'' THEN RETURN NULL; END IF; RETURN NEW; END'"
    )
    owner.execute("CREATE TRIGGER keep BEFORE INSERT ON bands FOR EACH ROW EXECUTE FUNCTION keep()")
    rows: list[Band.Values] = [{"name": "in"}, {"name": "out"}, {"name": "in"}]

    async def body() -> None:
        with pytest.raises(ChangeSuppressed, match="1 of 3 rows of Band were not inserted: a tri"):
            await Band.create_many(rows)
        await close_pool()

    asyncio.run(body())
    with pytest.raises(ChangeSuppressed):
        Band.create_many_sync(rows)
    assert Band.fetch_all_sync("SELECT * FROM bands") == []
    with psycopg.connect(url) as conn:
        with pytest.raises(ChangeSuppressed):
            Band.create_many_sync(rows, conn)
        # The transaction is the caller's.
        assert len(Band.fetch_all_sync("SELECT * FROM bands", conn=conn)) == 2
        conn.rollback()
    assert Band.insert_many_sync(rows) == 2


def test_values_that_a_trigger_changes_are_those_of_the_record(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    band = Band.create_sync(name="x")
    owner.execute(
        "CREATE FUNCTION shout() RETURNS TRIGGER LANGUAGE plpgsql"
        " AS 'BEGIN NEW.name = upper(NEW.name); RETURN NEW; END'"
    )
    owner.execute(
        "CREATE TRIGGER shout BEFORE UPDATE ON bands FOR EACH ROW EXECUTE FUNCTION shout()"
    )
    assert band.update_sync(name="loud").name == "LOUD"


def test_row_security_hides_rows_or_keeps_them_as_they_are(
    url: str, owner: psycopg.Connection[Any], make_role: Any
) -> None:
    role = make_role()
    shown, hidden = Band.create_sync(name="shown"), Band.create_sync(name="hidden")
    for statement in (
        "ALTER TABLE bands ENABLE ROW LEVEL SECURITY",
        f"GRANT SELECT, UPDATE, DELETE ON bands TO {role}",
        "CREATE POLICY seen ON bands FOR SELECT USING (name <> 'hidden')",
        "CREATE POLICY changed ON bands FOR UPDATE USING (class = 1)",
    ):
        owner.execute(statement.encode())
    with psycopg.connect(url, user=role) as conn:
        with pytest.raises(RecordNotFound):
            hidden.update_sync(conn, class_=3)
        for refused in (lambda: shown.update_sync(conn, class_=3), lambda: shown.delete_sync(conn)):
            with pytest.raises(ChangeSuppressed, match="row security policy"):
                refused()


def test_key_of_two_columns_in_a_partitioned_table_of_another_schema(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(ENTRIES)
    first, other = (
        Entry._create_sync(None, {"year": 2025, "no": number, "text": "x"}) for number in (1, 2)
    )
    assert first._update_sync(None, {"text": "y"}).text == "y"
    # To another partition.
    assert first._update_sync(None, {"year": 2026, "no": 5}).doubled == 10
    assert Entry._get_sync(None, (2026, 5)) == first
    assert other.refresh_sync().text == "x"
    other.delete_sync()
    with pytest.raises(RecordNotFound, match="No Entry has year=2025, no=2"):
        other.refresh_sync()
    for generated in ("doubled", "counted"):
        with pytest.raises(psycopg.errors.GeneratedAlways, match=generated):
            first._update_sync(None, {generated: 1})


def test_record_of_a_table_without_a_key_says_so(url: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE lines (text text)")
    line = Line._create_sync(None, {"text": "x"})
    message = "lines has no primary key, so its rows cannot be"
    with pytest.raises(TypeError, match=f"{message} deleted"):
        line.delete_sync()
    with pytest.raises(TypeError, match=f"{message} read again"):
        line.refresh_sync()
    with pytest.raises(AttributeError, match=f"{message} updated"):
        line.update_sync(text="y")  # type: ignore[attr-defined]  # the mistake


def test_update_refuses_unknown_attributes_like_unknown_arguments(url: str) -> None:
    band = Band.create_sync(name="x")
    with pytest.raises(TypeError, match=r"Band.update_sync\(\) got an unexpected keyword .*'nmae'"):
        band.update_sync(nmae="y")  # type: ignore[call-arg]  # the mistake
    with pytest.raises(psycopg.errors.NotNullViolation) as raised:
        band.update_sync(name=None)  # type: ignore[arg-type]  # the mistake
    assert raised.value.__notes__ == [
        "Band.update_sync() needs a value for `name`: the column name of bands is NOT NULL."
    ]


def test_concurrent_updates_of_different_columns_keep_both(url: str) -> None:
    one = Band.create_sync(name="x")
    two = Band.get_sync(one.id)
    with psycopg.connect(url) as conn:
        one.update_sync(conn, name="one")
        thread = threading.Thread(target=lambda: two.update_sync(class_=2))
        thread.start()
        query = (
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        with psycopg.connect(url, autocommit=True) as other:
            while not other.execute(query).fetchall():
                thread.join(0.01)
        conn.commit()
        thread.join()
    assert (two.name, two.class_) == ("one", 2)
    assert one.refresh_sync() == two


@pytest.mark.parametrize("status", ["not_started", "running", "succeeded"])
def test_job_of_any_state_can_be_updated_in_its_own_columns(
    url: str, owner: psycopg.Connection[Any], status: str
) -> None:
    job = ProbeJob.create_sync(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    owner.execute("UPDATE probe_jobs SET status = %s", [f"job_status_{status}"])
    job.update_sync(what="changed")
    assert (job.what, job.status.value) == ("changed", f"job_status_{status}")
    assert job.updated_at > job.created_at
    assert job.refresh_sync().what == "changed"


COLUMNS = [
    ("status", JobStatus.FAILED, r"retry\(\) or cancel\(\)"),
    ("attempts_count", 0, r"retry\(\)"),
    ("run_at", datetime.now(UTC), r"retry\(\) to run the job now, or raise Snooze"),
    ("last_error", None, "Cancel"),
    ("locked_at", None, "cancel"),
    ("locked_by", None, "cancel"),
    ("id", UUID(int=0), "keeps its id"),
    ("created_at", datetime.now(UTC), r"create\(\)"),
    ("updated_at", datetime.now(UTC), "current time"),
]


@pytest.mark.parametrize(("column", "value", "advice"), COLUMNS, ids=lambda value: str(value)[:9])
def test_update_of_a_column_of_the_runtime_names_what_to_call(
    column: str, value: object, advice: str
) -> None:
    job = ProbeJob.__new__(ProbeJob)
    job.id = uuid4()
    message = rf"ProbeJob.update_sync\(\) cannot set {column}, which belongs to the runtime: .*"
    with pytest.raises(TypeError, match=message + advice):
        job._update_sync(None, {"what": "x", column: value})


def test_deleted_job_is_gone_unless_it_runs(url: str, owner: psycopg.Connection[Any]) -> None:
    job = ProbeJob.create_sync()
    owner.execute("UPDATE probe_jobs SET status = 'job_status_running'")
    with pytest.raises(JobRunning):
        job.delete_sync()
    owner.execute("UPDATE probe_jobs SET status = 'job_status_failed'")
    job.delete_sync()
    for gone in (job.delete_sync, lambda: job.update_sync(what="x")):
        with pytest.raises(RecordNotFound, match=str(job.id)):
            gone()


def test_update_is_fenced_whatever_type_the_id_was_loaded_as(url: str) -> None:
    job = ProbeJob.create_sync()
    context = JobContext("Probe", "probe_jobs", job.id, 1, Fence(uuid4(), "2026-01-01 00:00:00+00"))
    job.id = str(job.id)  # type: ignore[assignment]  # the mistake
    token = current_job.set(context)
    try:
        with pytest.raises(ClaimLost, match=f"The job {job.id} of probe_jobs no longer belongs"):
            job.update_sync(what="lost")
        context.state = TransactionState.COMMITTED
        job.update_sync(what="after its transaction")
    finally:
        current_job.reset(token)
    assert job.refresh_sync().what == "after its transaction"


def test_trigger_that_keeps_a_job_is_named_as_for_other_orders(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    job = ProbeJob.create_sync()
    owner.execute(
        "CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    )
    owner.execute(
        "CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON probe_jobs FOR EACH ROW"
        " EXECUTE FUNCTION keep()"
    )
    with pytest.raises(ChangeSuppressed):
        job.update_sync(what="x")
    with pytest.raises(TransitionSuppressed):
        job.delete_sync()
