"""The column `traceparent`: the context of the span that created a job.

Its text is that of the header of the same name: https://www.w3.org/TR/trace-context/. Any
program may write rows, so an invalid text counts as none.
"""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from jobgen_runtime.job_table.traceparent import TRACEPARENT_COLUMN
from jobgen_runtime.table import Table

_LONGEST_TEXT = 512
"""Characters of a traceparent at most: those of version 00 have 55, later ones may have more."""

_PROPAGATOR = TraceContextTextMapPropagator()


def traceparent_attribute(table: Table) -> str | None:
    """Return the record's attribute for the column; None if the table does not have it."""
    if not table.has_traceparent:
        return None
    return table.attribute(TRACEPARENT_COLUMN)


def current_traceparent() -> str | None:
    """Return the text for the current span; None if there is none, as without an SDK."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def read_traceparent(text: object) -> trace.SpanContext | None:
    """Return the context that a row names; None if it names none, or is not valid."""
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        return None
    context = _PROPAGATOR.extract({"traceparent": text}, context=Context())
    span = trace.get_current_span(context).get_span_context()
    return span if span.is_valid else None
