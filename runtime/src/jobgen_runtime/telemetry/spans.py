"""Start and end spans so that a fault of the application's samplers or exporters costs no job."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer

from jobgen_runtime.telemetry.attributes import ERROR_TYPE
from jobgen_runtime.telemetry.exceptions import (
    error_type,
    exception_attributes,
    exception_message,
)

log = logging.getLogger("jobgen.telemetry")


@contextmanager
def harmless(what: str) -> Iterator[None]:
    """Log an error of the block instead of raising it."""
    try:
        yield
    except Exception:
        log.exception("cannot %s a span; the job is not affected", what)


def start_span(
    tracer: Tracer,
    name: str,
    kind: SpanKind,
    attributes: Mapping[str, str | int | float],
    *,
    context: Context | None = None,
    links: Sequence[Link] = (),
) -> Span:
    """Return a new span; one that records nothing if it cannot be started."""
    with harmless("start"):
        return tracer.start_span(
            name, context=context, kind=kind, links=links, attributes=attributes
        )
    return trace.INVALID_SPAN


@contextmanager
def current(span: Span) -> Iterator[None]:
    """Make the span the current one in the block, which does not end it."""
    with trace.use_span(span, record_exception=False, set_status_on_exception=False):
        yield


def record_failure(
    span: Span, error: BaseException | None, *, messages: bool, error_name: str | None = None
) -> None:
    """Give a span the status ERROR, with the exception.

    Args:
        span: The span.
        error: The exception; None if there is none.
        messages: Whether to record messages of exceptions.
        error_name: The type of the error, if it is not the exception's class.
    """
    name = error_name or ("" if error is None else error_type(error))
    span.set_attribute(ERROR_TYPE, name)
    reason = name
    if error is not None:
        span.add_event("exception", exception_attributes(error, messages=messages))
        if messages and error_name is None:
            reason = f"{name}: {exception_message(error)}"
    span.set_status(Status(StatusCode.ERROR, reason))
