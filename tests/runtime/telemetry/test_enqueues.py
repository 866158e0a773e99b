"""A span for each creation of jobs, and what the rows keep of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import Any
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime import DuplicateJob, configure
from jobgen_runtime.database import close_pool, close_pool_sync
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.django.tasks.sql import read
from jobgen_runtime.queue.schedules import Schedules
from jobgen_runtime.record.insert_observer import observation
from jobgen_runtime.telemetry import trace_enqueues
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracerProvider, SpanKind, StatusCode

from tests.support.schema import job_block
from tests.support.tracing import TRACEPARENT
from tests.types_file.rendering import rendered

SCHEMA = (
    job_block("Sync", "band INT NOT NULL", "traceparent TEXT")
    + "CREATE UNIQUE INDEX one ON sync_jobs (band) WHERE status IN ('job_status_not_started');\n"
    + job_block("Scan", "pages INT NOT NULL", "traceparent TEXT")
    + job_block("Empty", "price NUMERIC", "traceparent TEXT")
    + job_block("Plain", "pages INT NOT NULL")
)


@pytest.fixture(scope="module")
def records(runtime_database: str) -> Iterator[Any]:
    """The records of the tables in SCHEMA."""
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute(SCHEMA.encode())
    configure(runtime_database)
    module = ModuleType("traced_types")
    sys.modules[module.__name__] = module
    exec(rendered(SCHEMA), module.__dict__)  # noqa: S102 -- Types.py of the test's schema
    yield module
    close_pool_sync()
    configure(None)


@pytest.fixture
def provider() -> TracerProvider:
    return TracerProvider()


@pytest.fixture
def finished(provider: TracerProvider) -> Iterator[Callable[[], list[ReadableSpan]]]:
    """A function that returns the spans so far, and forgets them."""
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace_enqueues(tracer_provider=provider)

    def take() -> list[ReadableSpan]:
        spans = list(exporter.get_finished_spans())
        exporter.clear()
        return spans

    yield take
    observation.observer = None
    provider.shutdown()


Finished = Callable[[], list[ReadableSpan]]


def traceparent_of(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def run(body: Callable[[], Any]) -> Any:
    async def closing() -> Any:
        try:
            return await body()
        finally:
            await close_pool()

    return asyncio.run(closing())


def test_job_keeps_the_context_of_the_span_of_its_creation(
    records: Any, finished: Finished, provider: TracerProvider
) -> None:
    with provider.get_tracer("web").start_as_current_span("request") as request:
        job = records.ScanJob.create_sync(pages=1)
    [span, _] = finished()
    assert job.traceparent == traceparent_of(span)
    assert (span.name, span.kind) == ("send scan_jobs", SpanKind.PRODUCER)
    assert span.parent is not None
    assert span.parent.span_id == request.get_span_context().span_id
    assert dict(span.attributes or {}) == {
        "messaging.system": "jobgen",
        "messaging.destination.name": "scan_jobs",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.message.id": str(job.id),
    }
    job = run(lambda: records.ScanJob.create(pages=1))
    [span] = finished()
    assert job.traceparent == traceparent_of(span)


def test_jobs_of_one_call_share_one_span(records: Any, finished: Finished) -> None:
    rows = [{"pages": number} for number in range(3)]

    def check(*, has_jobs: bool) -> None:
        [span] = finished()
        assert (span.attributes or {})["messaging.batch.message_count"] == 3
        assert "messaging.message.id" not in (span.attributes or {})
        found = records.ScanJob.fetch_all_sync(
            "SELECT * FROM scan_jobs WHERE traceparent = %s", [traceparent_of(span)]
        )
        assert len(found) == 3
        assert has_jobs

    check(has_jobs=len(records.ScanJob.create_many_sync(rows)) == 3)
    check(has_jobs=records.ScanJob.insert_many_sync(iter(rows)) == 3)
    check(has_jobs=len(run(lambda: records.ScanJob.create_many(rows))) == 3)
    check(has_jobs=run(lambda: records.ScanJob.insert_many(iter(rows))) == 3)


def test_span_says_whether_the_job_is_new(records: Any, finished: Finished) -> None:
    first, _ = records.SyncJob.get_or_create_sync(band=1)
    [span] = finished()
    assert "jobgen.created" not in (span.attributes or {})
    for method in (records.SyncJob.get_or_create, records.SyncJob.update_or_create):
        job, is_new = run(partial(method, band=1))
        assert (job.id, is_new) == (first.id, False)
        [span] = finished()
        assert (span.attributes or {})["jobgen.created"] is False
        assert (span.attributes or {})["messaging.message.id"] == str(first.id)
    assert job.traceparent == traceparent_of(span)
    job, is_new = records.SyncJob.update_or_create_sync(band=2)
    assert (is_new, job.traceparent) == (True, traceparent_of(finished()[0]))
    with pytest.raises(DuplicateJob):
        records.SyncJob.create_sync(band=1)
    [span] = finished()
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "jobgen_runtime.contract.errors.DuplicateJob"


def test_context_that_the_caller_gives_is_kept(records: Any, finished: Finished) -> None:
    job = records.ScanJob.create_sync(pages=1, traceparent=TRACEPARENT)
    assert job.traceparent == TRACEPARENT
    jobs = records.ScanJob.create_many_sync([{"pages": 1, "traceparent": None}, {"pages": 2}])
    assert jobs[0].traceparent is None
    assert jobs[1].traceparent == traceparent_of(finished()[-1])


def test_table_without_the_column_gets_jobs_and_a_span(records: Any, finished: Finished) -> None:
    records.PlainJob.create_sync(pages=1)
    [span] = finished()
    assert span.name == "send plain_jobs"


@pytest.mark.parametrize(
    ("wrong", "kind"), [({"pages": 1, "other": 2}, "TypeError"), ({}, "NotNullViolation")]
)
def test_wrong_arguments_are_the_errors_that_they_are_without_spans(
    records: Any, finished: Finished, wrong: dict[str, Any], kind: str
) -> None:
    with pytest.raises((TypeError, psycopg.Error)) as traced:
        records.ScanJob.create_sync(**wrong)
    [span] = finished()
    assert str((span.attributes or {})["error.type"]).endswith(kind)
    assert kind in str(span.status.description)
    assert "Failing row" not in span.to_json()
    observation.observer = None
    with pytest.raises((TypeError, psycopg.Error)) as plain:
        records.ScanJob.create_sync(**wrong)
    assert str(traced.value).split("\n")[0] == str(plain.value).split("\n")[0]
    assert not finished()


def test_job_of_a_schedule_keeps_the_context_of_a_span(
    records: Any, finished: Finished, runtime_database: str
) -> None:
    async def insert(values: Sequence[str], record: Any) -> list[UUID]:
        async with await psycopg.AsyncConnection.connect(runtime_database) as conn:
            due = [datetime.now(UTC)] * len(values)
            return await Schedules(record.__table__).insert(conn, values, due)

    jobs = asyncio.run(insert(['{"pages": 1}', ' {"pages":2} '], records.ScanJob))
    [span] = finished()
    assert (span.attributes or {})["messaging.batch.message_count"] == 2
    for job in jobs:
        assert records.ScanJob.get_sync(job).traceparent == traceparent_of(span)
    [job] = asyncio.run(insert(["{}"], records.EmptyJob))
    [span] = finished()
    assert records.EmptyJob.get_sync(job).traceparent == traceparent_of(span)
    [job] = asyncio.run(insert(['{"price": 12.0000000000000000000000000001}'], records.EmptyJob))
    assert str(records.EmptyJob.get_sync(job).price) == "12.0000000000000000000000000001"
    given = f'{{"traceparent": "{TRACEPARENT}"}}'
    [job] = asyncio.run(insert([given], records.EmptyJob))
    assert records.EmptyJob.get_sync(job).traceparent == TRACEPARENT
    finished()
    records.SyncJob.get_or_create_sync(band=77)
    finished()
    with pytest.raises(psycopg.errors.UniqueViolation):
        asyncio.run(insert(['{"band": 77}'], records.SyncJob))
    [span] = finished()
    assert (span.attributes or {})["jobgen.created"] is False
    assert span.status.status_code is StatusCode.UNSET


def test_row_of_a_django_task_keeps_the_context_of_a_span(
    finished: Finished, runtime_database: str
) -> None:
    with psycopg.connect(runtime_database) as conn:
        conn.execute(read("create_task_jobs").encode())
        row = DjangoTaskJob.create_sync(conn, task="polls.tasks.add")
        conn.rollback()
    [span] = finished()
    assert row.traceparent == traceparent_of(span)


def test_without_an_sdk_the_column_stays_empty(records: Any, finished: Finished) -> None:
    trace_enqueues(tracer_provider=NoOpTracerProvider())
    assert records.ScanJob.create_sync(pages=1).traceparent is None
    assert not finished()


def test_core_imports_no_telemetry_and_a_missing_package_is_named() -> None:
    code = """
import sys
import jobgen_runtime.record, jobgen_runtime.worker, jobgen_runtime.cli.run_jobs
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
sys.modules["opentelemetry.trace"] = None
try:
    import jobgen_runtime.telemetry
except Exception as error:
    assert 'pip install "jobgen-runtime[opentelemetry]"' in str(error), error
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], check=True)
