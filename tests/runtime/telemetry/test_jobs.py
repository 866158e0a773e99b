"""The hook for spans of attempts: relations, outcomes and exceptions, without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from jobgen_runtime import Cancel, Job, JobRecord, Snooze, Table, current_attempt
from jobgen_runtime.contract.context import Fence, JobContext
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.executor import AsyncRunner, Execution, ThreadRunner
from jobgen_runtime.record.insert_observer import observation
from jobgen_runtime.telemetry import trace_enqueues, trace_jobs
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from tests.support.tracing import SPAN_ID, TRACE_ID, TRACEPARENT
from tests.support.waiting import TIMEOUT

JOB = UUID(int=1)
Body = Callable[[], Any]


class TracedJob(JobRecord):
    __table__: ClassVar = Table(
        "traced_jobs", columns=("id", "traceparent"), key=("id",), has_traceparent=True
    )
    traceparent: str | None


class Traces:
    """Runs attempts inside the hook, and has their spans."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.execution: Execution | None = None
        self.record: type[TracedJob] = TracedJob

    def run_untraced(self, body: Body) -> None:
        """Run an attempt that has no span."""
        with pytest.raises(ValueError, match="not enough values"):
            self.run(body)

    def run(
        self,
        body: Body,
        *,
        in_thread: bool = False,
        traceparent: object = None,
        attempt: int = 1,
        **options: Any,
    ) -> ReadableSpan:
        """Run an attempt of a job with this `perform`, and return its span."""

        class InThread(Job[TracedJob]):
            def perform(self, job: TracedJob) -> None:  # noqa: ARG002 -- what a job is
                body()

        class OnLoop(Job[TracedJob]):
            async def perform(self, job: TracedJob) -> None:  # noqa: ARG002 -- as above
                await body()

        hooks = [trace_jobs(tracer_provider=self.provider, **options)]

        async def run() -> None:
            loop = asyncio.get_running_loop()
            ended: asyncio.Future[object] = loop.create_future()
            due = datetime(2026, 1, 1, tzinfo=UTC)
            context = JobContext(
                *("Traced", "traced_jobs", JOB, attempt, Fence(JOB, "")),
                *(due, due + timedelta(seconds=3), 2),
            )
            record = self.record.__new__(self.record)
            record.id, record.traceparent = JOB, traceparent  # type: ignore[assignment]  # odd ones
            runner = (
                ThreadRunner(InThread(), 1, hooks) if in_thread else AsyncRunner(OnLoop(), hooks)
            )
            self.execution = Execution(record, context, runner, ended.set_result, copy_context())
            async with asyncio.timeout(TIMEOUT):
                await ended
            runner.close()

        asyncio.run(run())
        [*_, span] = self.exporter.get_finished_spans()
        return span


@pytest.fixture
def traces() -> Iterator[Traces]:
    made = Traces()
    yield made
    made.provider.shutdown()
    observation.observer = None


async def nothing() -> None:
    pass


def raising(error: BaseException) -> Body:
    async def body() -> None:
        raise error

    return body


def text(span: ReadableSpan) -> str:
    return str(span.to_json())


def attribute(span: ReadableSpan, name: str) -> object:
    return (span.attributes or {}).get(name)


def test_parent_puts_the_attempt_into_the_trace_of_its_producer(traces: Traces) -> None:
    span = traces.run(nothing, traceparent=TRACEPARENT, producer="parent")
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}" == TRACE_ID
    assert f"{span.parent.span_id:016x}" == SPAN_ID
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE_ID
    assert not span.links
    assert traces.run(nothing, producer="parent").parent is None
    with pytest.raises(ValueError, match='must be "link" or "parent"'):
        trace_jobs(producer="child")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    "traceparent",
    [7, b"00", "", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", TRACEPARENT * 20, "\x00"],
)
def test_invalid_traceparent_is_ignored(traces: Traces, traceparent: object) -> None:
    for producer in ("link", "parent"):
        span = traces.run(nothing, traceparent=traceparent, producer=producer)
        assert (span.parent, list(span.links)) == (None, [])
        assert attribute(span, "jobgen.outcome") == "succeeded"


def test_spans_of_perform_are_below_that_of_the_attempt(traces: Traces) -> None:
    tracer = traces.provider.get_tracer("shop")

    def query() -> None:
        with tracer.start_as_current_span("query"):
            pass

    async def query_async() -> None:
        query()

    for body, in_thread in ((query_async, False), (query, True)):
        span = traces.run(body, in_thread=in_thread)
        [*_, inner, _] = traces.exporter.get_finished_spans()
        assert inner.name == "query"
        assert inner.parent is not None
        assert span.context is not None
        assert inner.parent.span_id == span.context.span_id


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Snooze(for_=timedelta(minutes=1)), "snoozed"),
        (Cancel("for a reason"), "cancelled"),
        (ExceptionGroup("both", [Snooze(for_=timedelta(0)), Cancel("now")]), "cancelled"),
    ],
)
def test_snooze_and_cancel_do_not_count_as_errors(
    traces: Traces, error: Exception, outcome: str
) -> None:
    span = traces.run(raising(error))
    assert attribute(span, "jobgen.outcome") == outcome
    assert span.status.status_code is StatusCode.UNSET
    assert not span.events


@pytest.mark.parametrize(
    ("stop", "outcome"), [("interrupt", "interrupted"), ("cancel", "cancelled")]
)
def test_attempt_that_is_stopped_says_so(traces: Traces, stop: str, outcome: str) -> None:
    async def body() -> None:
        asyncio.get_running_loop().call_soon(getattr(traces.execution, stop))
        await asyncio.sleep(TIMEOUT)

    span = traces.run(body)
    assert attribute(span, "jobgen.outcome") == outcome
    assert attribute(span, "jobgen.is_final") is (outcome == "cancelled")
    assert span.status.status_code is StatusCode.UNSET


def test_thread_that_is_stopped_can_see_it_and_has_succeeded_if_it_returns(traces: Traces) -> None:
    reasons = []

    def body() -> None:
        assert traces.execution is not None
        loop = traces.execution.task.get_loop()
        loop.call_soon_threadsafe(traces.execution.interrupt)
        while (reason := current_attempt().stop_reason) is None:
            pass
        reasons.append(reason)

    span = traces.run(body, in_thread=True)
    assert reasons == ["shutdown"]
    assert attribute(span, "jobgen.outcome") == "succeeded"


def test_last_attempt_is_final(traces: Traces) -> None:
    for attempt, is_final in ((1, False), (2, True)):
        span = traces.run(raising(ValueError("no")), attempt=attempt)
        assert attribute(span, "jobgen.is_final") is is_final


SECRET = "ada@example.org"


class DatabaseError(Exception):
    """One whose text is that of psycopg, Django or SQLAlchemy."""


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ValueError


def caused(outer: Exception, cause: Exception) -> Exception:
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError(f"duplicate key\nDETAIL:  Key (email)=({SECRET}) already exists."),
        DatabaseError(f"syntax error\nLINE 1: SELECT '{SECRET}' FROM\n          ^"),
        DatabaseError(f"failed\n[SQL: INSERT …]\n[parameters: ('{SECRET}',)]\n(Background …)"),
        caused(ValueError("outer"), DatabaseError(f"inner\nDETAIL:  Key ({SECRET})\n{SECRET}")),
        ExceptionGroup("several", [DatabaseError(f"inner\nDETAIL:  Key (a)=({SECRET}\n{SECRET})")]),
        Unprintable(SECRET),
    ],
)
def test_values_of_rows_in_messages_of_databases_are_left_out(
    traces: Traces, error: Exception
) -> None:
    span = traces.run(raising(error))
    assert SECRET not in text(span)
    assert attribute(span, "error.type") == str(span.events[0].attributes["exception.type"])  # type: ignore[index]  # it has some
    assert "in body" in str(span.events[0].attributes["exception.stacktrace"])  # type: ignore[index]  # as above


def test_without_messages_a_span_has_classes_and_frames(traces: Traces) -> None:
    error = caused(ValueError(f"about {SECRET}"), KeyError(SECRET))
    span = traces.run(raising(error), messages=False)
    assert SECRET not in text(span)
    assert span.status.description == "ValueError"
    [event] = span.events
    attributes = event.attributes or {}
    assert "exception.message" not in attributes
    assert str(attributes["exception.stacktrace"]).endswith("ValueError")
    assert "in body" in str(attributes["exception.stacktrace"])
    assert SECRET in text(traces.run(raising(error)))


class Faulty(SpanProcessor):
    """Raises whenever a span starts or ends."""

    def on_start(self, span: object, parent_context: object = None) -> None:  # noqa: ARG002 -- given
        raise RuntimeError("cannot start")

    def on_end(self, span: object) -> None:  # noqa: ARG002 -- as above
        raise RuntimeError("cannot end")


def test_faulty_processor_of_spans_fails_no_job(
    traces: Traces, caplog: pytest.LogCaptureFixture
) -> None:
    traces.provider.add_span_processor(Faulty())
    performed = []

    async def body() -> None:
        performed.append(trace.get_current_span().get_span_context().is_valid)

    traces.run_untraced(body)
    assert performed == [False]
    assert "cannot start a span; the job is not affected" in caplog.text


def test_hook_keeps_what_the_application_has_asked_for_its_creations(traces: Traces) -> None:
    trace_enqueues(messages=False, tracer_provider=traces.provider)
    observer = observation.observer
    trace_jobs()
    assert observation.observer is observer
    observation.observer = None
    trace_jobs()
    assert observation.observer is not None


def test_span_names_the_function_of_a_row_that_has_one(traces: Traces) -> None:
    class FunctionJob(TracedJob):
        __function_column__: ClassVar = "function"
        function: ClassVar = "polls.tasks.add"

    assert attribute(traces.run(nothing), "code.function.name") is None
    traces.record = FunctionJob
    assert attribute(traces.run(nothing), "code.function.name") == "polls.tasks.add"
    assert DjangoTaskJob.__function_column__ in DjangoTaskJob.__table__.columns
