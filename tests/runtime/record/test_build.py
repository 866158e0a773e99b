"""Records that are built without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from jobgen_runtime import Job, JobStatus, Record, RecordNotFound, Table
from jobgen_runtime.record.build import uuid7

from tests.support.shop_types import Band, Color, ProbeJob


class Order(Record):
    __table__: ClassVar = Table(
        "orders",
        columns=("id", "number", "at", "note"),
        key=("id",),
        required=("note",),
        defaults={"id": Table.UUID4, "number": Table.DATABASE, "at": Table.NOW},
    )
    id: UUID
    number: int
    at: datetime
    note: str


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def test_built_job_has_the_defaults_of_a_new_row() -> None:
    job = ProbeJob.build(what="x")
    assert (job.what, job.moment) == ("x", None)
    assert ProbeJob.build().what == "return"
    assert (job.status, job.attempts_count) == (JobStatus.NOT_STARTED, 0)
    assert (job.last_error, job.locked_at, job.locked_by) == (None, None, None)
    assert job.created_at == job.updated_at == job.run_at
    assert timedelta(0) <= datetime.now(UTC) - job.run_at < timedelta(minutes=1)
    assert list(vars(job)) == list(ProbeJob.__table__.columns)
    assert ProbeJob.build(attempts_count=3, status=JobStatus.RUNNING).attempts_count == 3


def test_built_record_has_given_values_and_its_own_copy_of_defaults() -> None:
    band, other = Band.build(name="x", color=Color.RED), Band.build(name="x")
    assert (band.name, band.color, band.class_, band.document) == ("x", Color.RED, 7, None)
    band.members.append("John")
    assert (other.members, Band.build(name="x").members) == ([], [])
    assert band.id != other.id
    assert Band.build(**vars(other)) == other
    assert hash(Band.build(**vars(other))) == hash(other)


def test_build_refuses_missing_and_unknown_arguments() -> None:
    with pytest.raises(TypeError, match=r"Band.build\(\) is missing the keyword argument 'name'"):
        Band.build()  # type: ignore[call-arg]  # the mistake
    with pytest.raises(TypeError, match=r"Band.build\(\) got an unexpected keyword argument 'nm'"):
        Band.build(name="x", nm="y")  # type: ignore[call-arg]  # the mistake


def test_value_that_only_the_database_knows_is_named_when_it_is_read() -> None:
    order = Order._build({"note": "x"})
    assert order.id.version == 4
    assert order.at.tzinfo is UTC
    message = r"Order.number has no value: build\(\) was not given one, and the column's default"
    with pytest.raises(AttributeError, match=message):
        _ = order.number
    order.number = 3
    assert order.number == 3
    assert repr(order).startswith("Order(id=UUID('")


def test_perform_can_be_called_with_a_built_job() -> None:
    seen = []

    class Probe(Job[ProbeJob]):
        async def perform(self, job: ProbeJob) -> None:
            seen.append(job.what)

    asyncio.run(Probe().perform(ProbeJob.build(what="x")))
    assert seen == ["x"]


SYNC: list[Callable[[ProbeJob], Any]] = [
    lambda job: job.refresh_sync(),
    lambda job: job.update_sync(what="x"),
    lambda job: job.update_sync(),
    lambda job: job.delete_sync(),
    lambda job: job.cancel_sync(),
    lambda job: job.retry_sync(),
    lambda job: job.transaction_sync(),
    lambda job: job.transaction(),
    lambda job: asyncio.run(job.refresh()),
    lambda job: asyncio.run(job.update(what="x")),
    lambda job: asyncio.run(job.delete()),
    lambda job: asyncio.run(job.cancel()),
    lambda job: asyncio.run(job.retry()),
]


@pytest.mark.parametrize("call", SYNC)
def test_method_that_needs_a_row_says_so_on_a_built_job(call: Callable[[ProbeJob], Any]) -> None:
    message = r"\w\(\) needs a row of the database, and this ProbeJob was made by build\(\)\.\nMake"
    with pytest.raises(RecordNotFound, match=message):
        call(ProbeJob.build())


def test_method_that_needs_a_row_says_so_on_any_built_record() -> None:
    band = Band.build(name="x")
    for call in (band.refresh_sync, band.delete_sync, lambda: band.update_sync(name="y")):
        with pytest.raises(RecordNotFound, match=r"this Band was made by build\(\)"):
            call()


def test_uuids_of_version_7_ascend_and_have_the_time() -> None:
    before = datetime.now(UTC)
    made = [uuid7() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert {(each.version, each.variant) for each in made} == {(7, uuid4().variant)}
    moments = [each.int >> 80 for each in made]
    assert moments == sorted(moments)
    assert before.timestamp() * 1000 - 1 <= moments[0]
    assert moments[-1] <= datetime.now(UTC).timestamp() * 1000
