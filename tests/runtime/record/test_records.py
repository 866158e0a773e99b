"""Records: values, transactions, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobgen_runtime import JobStatus, RecordNotFound, configure
from jobgen_runtime.contract.errors import NoDatabase, QueryMismatch
from jobgen_runtime.database import close_pool, close_pool_sync
from psycopg import sql
from psycopg.rows import dict_row

from tests.support.shop_types import Band, Color, ProbeJob

T = TypeVar("T")


def run(body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run the body on a new event loop, and close the loop's pool."""

    async def closing() -> T:
        try:
            return await body()
        finally:
            await close_pool()

    return asyncio.run(closing())


@pytest.fixture
def url(app_database: str) -> Iterator[str]:
    configure(app_database)
    yield app_database
    close_pool_sync()
    configure(None)


def test_created_record_equals_the_row_read_back(url: str) -> None:
    async def body() -> None:
        band = await Band.create(
            name="The Beatles",
            color=Color.SKY_BLUE,
            colors=[Color.RED, Color.SKY_BLUE],
            class_=3,
            document={"albums": [1, None, "x"]},
            documents=[{"a": 1}, [2], None],
            members=["John, Paul", 'George "Ringo"', "{}", ""],
        )
        assert band.color is Color.SKY_BLUE
        assert band.colors == [Color.RED, Color.SKY_BLUE]
        assert band.class_ == 3
        assert band.document == {"albums": [1, None, "x"]}
        assert band.documents == [{"a": 1}, [2], None]
        assert await Band.get(band.id) == band

    run(body)


def test_create_uses_database_defaults_for_omitted_attributes(url: str) -> None:
    job = ProbeJob.create_sync()
    assert job.status is JobStatus.NOT_STARTED
    assert (job.attempts_count, job.last_error, job.what) == (0, None, "return")
    assert job == ProbeJob.get_sync(job.id)
    band = Band.create_sync(name="x")
    assert (band.class_, band.colors, band.color, band.document) == (7, [], None, None)


def test_create_without_a_connection_commits(url: str) -> None:
    async def body() -> ProbeJob:
        return await ProbeJob.create(what="seen")

    job = run(body)
    with psycopg.connect(url) as other:
        assert other.execute("SELECT what FROM probe_jobs WHERE id = %s", (job.id,)).fetchone() == (
            "seen",
        )


@pytest.mark.parametrize("autocommit", [False, True])
def test_create_and_fetch_work_inside_the_callers_transaction(url: str, autocommit: bool) -> None:
    async def body() -> None:
        conn = await psycopg.AsyncConnection.connect(
            url, autocommit=autocommit, row_factory=dict_row, cursor_factory=psycopg.AsyncRawCursor
        )
        async with conn:
            async with conn.transaction(force_rollback=True):
                one = await Band.create(conn, name="one")
                many = await Band.create_many([{"name": "x"}] * 1200, conn=conn)
                assert await Band.get(one.id, conn=conn) == one
                assert len({band.id for band in many}) == 1200
            assert await Band.fetch_all("SELECT * FROM bands", conn=conn) == []

    run(body)


def test_synchronous_methods_work_inside_the_callers_transaction(url: str) -> None:
    with psycopg.connect(url) as conn:
        band = Band.create_sync(conn, name="one")
        Band.create_many_sync([{"name": "two"}], conn=conn)
        assert [b.name for b in Band.fetch_all_sync("SELECT * FROM bands", conn=conn)] == [
            "one",
            "two",
        ]
        conn.rollback()
        with pytest.raises(RecordNotFound, match=str(band.id)):
            band.refresh_sync(conn)


def test_create_many_keeps_the_order_of_rows_with_different_attributes(url: str) -> None:
    async def body() -> None:
        rows: list[Band.Values] = [{"name": str(n)} for n in range(1500)]
        rows[3]["color"] = Color.RED
        rows[4]["document"] = 5
        rows[5]["document"] = None
        rows[6]["members"] = []
        bands = await Band.create_many(rows)
        assert [band.name for band in bands] == [str(n) for n in range(1500)]
        assert [band.id for band in bands] == sorted(band.id for band in bands)
        assert (bands[3].color, bands[4].document, bands[5].document) == (Color.RED, 5, None)
        assert await Band.create_many([]) == []
        jobs = await ProbeJob.create_many([{}, {}, {"what": "x"}])
        assert [job.what for job in jobs] == ["return", "return", "x"]

    run(body)


def test_create_many_assigns_each_value_to_its_column(url: str) -> None:
    colors, documents = [Color.RED, None, Color.SKY_BLUE], [{"a": [1]}, None, "100%s $1"]
    rows = [
        Band.Values(name=f"%s {n}", color=colors[n % 3], document=documents[n % 3])
        for n in range(1500)
    ]
    made = Band.create_many_sync(rows)
    assert [Band.Values(name=b.name, color=b.color, document=b.document) for b in made] == rows
    assert Band.fetch_all_sync("SELECT * FROM bands ORDER BY id") == made


def test_insert_many_inserts_the_same_rows_as_create_many_and_counts_them(url: str) -> None:
    rows: list[Band.Values] = [{"name": str(n)} for n in range(1200)]
    rows[3]["color"] = Color.RED

    async def body() -> None:
        assert await Band.insert_many(rows) == 1200
        assert await Band.insert_many([]) == 0
        assert await ProbeJob.insert_many([{}, {"what": "x"}]) == 2
        with pytest.raises(TypeError, match=r"Band\.insert_many\(\) got an unexpected"):
            await Band.insert_many([{"name": "x", "nmae": "y"}])  # type: ignore[typeddict-unknown-key]  # the mistake

    run(body)
    bands = Band.fetch_all_sync("SELECT * FROM bands ORDER BY id")
    assert [band.name for band in bands] == [str(n) for n in range(1200)]
    assert bands[3].color is Color.RED


def test_insert_many_is_atomic_and_works_inside_the_callers_transaction(url: str) -> None:
    rows: list[Band.Values] = [{"name": "x"}] * 1200
    bad = Band.Values(id=uuid4(), name="y")
    with pytest.raises(psycopg.errors.UniqueViolation):
        Band.insert_many_sync([*rows, bad, bad])
    with psycopg.connect(url) as conn:
        assert Band.insert_many_sync(rows, conn=conn) == 1200
        conn.rollback()
    assert Band.fetch_all_sync("SELECT * FROM bands") == []


def test_create_many_is_atomic(url: str) -> None:
    rows: list[Band.Values] = [{"name": "x"}] * 1200
    bad = {"id": uuid4(), "name": "y"}
    with pytest.raises(psycopg.errors.UniqueViolation):
        Band.create_many_sync([*rows, Band.Values(**bad), Band.Values(**bad)])  # type: ignore[typeddict-item]  # the mistake
    assert Band.fetch_all_sync("SELECT * FROM bands") == []


def test_create_refuses_unknown_attributes_like_unknown_arguments(url: str) -> None:
    with pytest.raises(TypeError, match=r"Band.create_sync\(\) got an unexpected keyword.*'nmae'"):
        Band._create_sync(None, {"nmae": "x"})
    with pytest.raises(TypeError, match="'class'"):
        Band._create_sync(None, {"name": "x", "class": 3})


def test_create_without_a_required_value_raises_the_databases_error(url: str) -> None:
    with pytest.raises(psycopg.errors.NotNullViolation, match="name"):
        Band._create_sync(None, {})


def test_refresh_reads_the_row_into_the_same_record(url: str) -> None:
    band = Band.create_sync(name="before")
    with psycopg.connect(url) as conn:
        conn.execute("UPDATE bands SET name = 'after', color = 'red'")
    assert band.refresh_sync() is band
    assert (band.name, band.color) == ("after", Color.RED)


def test_fetch_all_accepts_any_query_with_enums_as_parameters(url: str) -> None:
    Band.create_many_sync([{"name": "a", "color": Color.SKY_BLUE}, {"name": "b"}])
    query = sql.SQL("SELECT *, 1 AS more FROM {} WHERE color = %(color)s").format(
        sql.Identifier("bands")
    )
    [band] = Band.fetch_all_sync(query, {"color": Color.SKY_BLUE})
    assert band.name == "a"
    assert not hasattr(band, "more")
    found = Band.fetch_all_sync("UPDATE bands SET colors = %s RETURNING *", ([Color.RED],))
    assert [band.colors for band in found] == [[Color.RED]] * 2


def test_fetch_all_refuses_a_result_without_the_columns_of_the_record(url: str) -> None:
    Band.create_sync(name="a")
    with pytest.raises(QueryMismatch, match="does not have name"):
        Band.fetch_all_sync("SELECT id FROM bands")
    with pytest.raises(QueryMismatch, match="has more than once id"):
        Band.fetch_all_sync("SELECT a.*, b.id FROM bands a CROSS JOIN bands b")


def test_error_names_an_enum_value_that_the_class_does_not_have(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER TYPE color ADD VALUE 'green'")
        conn.execute("INSERT INTO bands (name, color) VALUES ('x', 'green')")
    with pytest.raises(ValueError, match=r"bands.color: 'green' is not .* run `jobgen types`"):
        Band.fetch_all_sync("SELECT * FROM bands")


def test_status_that_is_not_known_makes_no_row_unreadable(url: str) -> None:
    first, second = ProbeJob.create_sync(), ProbeJob.create_sync()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER TYPE job_status ADD VALUE 'job_status_archived'")
        conn.execute(
            "UPDATE probe_jobs SET status = 'job_status_archived' WHERE id = %s", (second.id,)
        )
    found = ProbeJob.fetch_all_sync("SELECT * FROM probe_jobs ORDER BY id")
    assert [job.id for job in found] == [first.id, second.id]
    assert found[0].status is JobStatus.NOT_STARTED
    assert found[1].status.value == "job_status_archived"
    assert found[1].status not in list(JobStatus)
    assert repr(found[1].status) == "<JobStatus.ARCHIVED: 'job_status_archived'>"
    assert second.refresh_sync().status is found[1].status
    # As a parameter, it stands for its value.
    query = "SELECT * FROM probe_jobs WHERE status = %s::job_status"
    assert [job.id for job in ProbeJob.fetch_all_sync(query, [found[1].status])] == [second.id]
    with pytest.raises(ValueError, match="job_status_typo"):
        JobStatus("job_status_typo")


def test_pool_replaces_connections_that_the_server_terminated(url: str) -> None:
    async def body() -> None:
        await Band.create(name="before")
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await Band.create(name="after")

    run(body)


def test_error_without_a_database_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoDatabase, match=f"{tmp_path} is not in a project"):
        Band.create_sync(name="x")
    (tmp_path / "pyproject.toml").write_text("[tool.jobgen]\n")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path / "folder")
    with pytest.raises(NoDatabase, match=f"project {tmp_path} is not running") as caught:
        Band.create_sync(name="x")
    assert "jobgen postgres start" in str(caught.value)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/x?host=/nowhere")
    with pytest.raises(NoDatabase, match="does not answer"):
        Band.create_sync(name="x")
    # The pool keeps its address, also for the tests that follow in this process.
    close_pool_sync()


TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=TEXT,
    colors=st.lists(st.sampled_from(Color)),
    document=JSON.filter(lambda value: value is not None),
    members=st.lists(TEXT),
)
def test_record_keeps_any_value_through_the_database(
    url: str, name: str, colors: list[Color], document: Any, members: list[str]
) -> None:
    # Not over a pool: its threads draw random numbers, which Hypothesis takes for the test's.
    with psycopg.connect(url) as conn:
        band = Band.create_sync(conn, name=name, colors=colors, document=document, members=members)
        again = Band.get_sync(band.id, conn)
        updated = Band.create_sync(conn, name="x").update_sync(
            conn, name=name, colors=colors, document=document, members=members
        )
    for each in (again, updated):
        assert (each.name, each.colors) == (name, colors)
        assert (each.document, each.members) == (document, members)


def test_timestamps_are_timezone_aware(url: str) -> None:
    moment = datetime(2026, 11, 24, 12, 30, 15, 123456, tzinfo=UTC)
    assert ProbeJob.create_sync(run_at=moment).run_at == moment


def test_infinite_dates_are_read_as_the_first_and_last_datetime(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO probe_jobs (run_at, moment)"
            " VALUES ('infinity', '-infinity'), (now(), now())"
        )
    [parked, other] = ProbeJob.fetch_all_sync("SELECT * FROM probe_jobs ORDER BY id")
    assert parked.run_at == datetime.max.replace(tzinfo=UTC)
    assert parked.moment == datetime.min.replace(tzinfo=UTC)
    assert other.run_at == other.moment
    assert run(lambda: ProbeJob.get(parked.id)) == parked
