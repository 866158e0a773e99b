"""A consumer span for each attempt: the hook that `trace_jobs` makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal

from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.context import JobContext, current_job
from jobgen_runtime.contract.current_attempt import CurrentAttempt, current_attempt
from jobgen_runtime.executor.endings import Ending, attempt_ending
from jobgen_runtime.record import JobRecord
from jobgen_runtime.record.insert_observer import observation
from jobgen_runtime.telemetry import attributes as names
from jobgen_runtime.telemetry.enqueues import trace_enqueues
from jobgen_runtime.telemetry.spans import current, harmless, record_failure, start_span
from jobgen_runtime.telemetry.traceparent import read_traceparent, traceparent_attribute

JobHook = Callable[[Any], AbstractContextManager[None]]


def trace_jobs(
    *,
    producer: Literal["link", "parent"] = "link",
    messages: bool = True,
    tracer_provider: trace.TracerProvider | None = None,
) -> JobHook:
    """Return a hook for the list `around` of the main module: each attempt becomes a span.

    What jobs create becomes spans too: unless `trace_enqueues` was called before, it is called with
    the same arguments.

    Args:
        producer: How a span is related to the one that created the job, where the table has a
            column `traceparent`. "link": a trace for each attempt, linked to the other one.
            "parent": all in the trace of the producer, however long ago that was.
        messages: Whether spans have the messages of exceptions.
        tracer_provider: Where spans go; None for the global provider, which may be set up later.

    Raises:
        ValueError: `producer` is neither of the two.
    """
    if producer not in ("link", "parent"):
        raise ValueError(f'producer must be "link" or "parent", not {producer!r}.')
    if observation.observer is None:
        trace_enqueues(messages=messages, tracer_provider=tracer_provider)
    tracer = names.make_tracer(tracer_provider)

    @contextmanager
    def trace_job(job: JobRecord) -> Iterator[None]:
        attempt = current_attempt()
        created_in = _creation_context(job)
        parent, links = None, []
        if created_in is not None and producer == "link":
            links = [Link(created_in)]
        elif created_in is not None:
            parent = trace.set_span_in_context(trace.NonRecordingSpan(created_in))
        name = names.span_name("process", attempt.table)
        attributes = _attributes(job, attempt, current_job.get())
        span = start_span(tracer, name, SpanKind.CONSUMER, attributes, context=parent, links=links)
        error: BaseException | None = None
        try:
            with current(span):
                yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            with harmless("end"):
                _end(span, attempt_ending(error), error, messages=messages)

    return trace_job


def _creation_context(job: JobRecord) -> trace.SpanContext | None:
    attribute = traceparent_attribute(job.__table__)
    return None if attribute is None else read_traceparent(getattr(job, attribute, None))


def _attributes(
    job: JobRecord, attempt: CurrentAttempt, context: JobContext | None
) -> dict[str, str | int | float]:
    attributes: dict[str, str | int | float] = {
        **names.common_attributes("process", attempt.table),
        names.MESSAGE_ID: str(attempt.id),
        names.KIND: attempt.kind,
        names.ATTEMPT: attempt.attempt,
        names.QUEUE_DELAY: attempt.queue_delay.total_seconds(),
    }
    if attempt.max_attempts is not None:
        attributes[names.MAX_ATTEMPTS] = attempt.max_attempts
    column = getattr(type(job), "__function_column__", None)
    if column is not None:
        attributes[names.FUNCTION] = str(getattr(job, column))
    if context is not None:
        attributes[names.CLIENT_ID] = str(context.fence.worker)
    return attributes


def _end(span: trace.Span, ending: Ending, error: BaseException | None, *, messages: bool) -> None:
    """Write how the attempt ended into its span, and end it."""
    try:
        span.set_attribute(names.OUTCOME, ending.outcome.value)
        span.set_attribute(names.IS_FINAL, ending.is_final)
        if ending.outcome is AttemptOutcome.TIMED_OUT:
            record_failure(span, error, messages=messages, error_name="timeout")
        elif ending.is_failure:
            record_failure(span, error, messages=messages)
    finally:
        span.end()
