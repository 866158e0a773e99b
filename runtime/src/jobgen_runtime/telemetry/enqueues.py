"""A producer span for each creation of jobs, whose context the jobs keep in `traceparent`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind

from jobgen_runtime.record.insert_observer import Values, observation
from jobgen_runtime.table import Table
from jobgen_runtime.telemetry import attributes as names
from jobgen_runtime.telemetry.spans import current, harmless, record_failure, start_span
from jobgen_runtime.telemetry.traceparent import current_traceparent, traceparent_attribute


def trace_enqueues(
    *, messages: bool = True, tracer_provider: trace.TracerProvider | None = None
) -> None:
    """Make a span of each creation of jobs in this process: `create`, `insert_many` and so on.

    To be called once, before or after the SDK is set up. `trace_jobs` does it in workers.

    Args:
        messages: Whether spans have the messages of exceptions.
        tracer_provider: Where spans go; None for the global provider, which may be set up later.
    """
    tracer = names.make_tracer(tracer_provider)

    @contextmanager
    def trace_insert(table: Table, rows: Sequence[Values], /) -> Iterator[_TracedInsert]:
        name = table.qualified_name
        attributes: dict[str, str | int] = {**names.common_attributes("send", name)}
        if len(rows) != 1:
            attributes[names.BATCH_COUNT] = len(rows)
        span = start_span(tracer, names.span_name("send", name), SpanKind.PRODUCER, attributes)
        try:
            with current(span):
                yield _TracedInsert(table, rows, span)
        except BaseException as error:
            with harmless("end"):
                record_failure(span, error, messages=messages)
            raise
        finally:
            with harmless("end"):
                span.end()

    observation.observer = trace_insert


class _TracedInsert:
    """The rows with the context of the current span, and what becomes of them."""

    def __init__(self, table: Table, rows: Sequence[Values], span: Span) -> None:
        self._span = span
        attribute, text = traceparent_attribute(table), current_traceparent()
        self.rows = rows
        if attribute is not None and text is not None:
            self.rows = [_with_context(row, attribute, text) for row in rows]

    def inserted(self, ids: Sequence[object], *, is_new: bool = True) -> None:
        """Write the id of a single job into the span, and whether it is new."""
        if len(ids) == 1:
            self._span.set_attribute(names.MESSAGE_ID, str(ids[0]))
        if not is_new:
            self._span.set_attribute(names.CREATED, False)


def _with_context(row: Values, attribute: str, text: str) -> Values:
    # A context that the caller gives is the caller's. What is not a mapping is an error of INSERT.
    if not isinstance(row, Mapping) or attribute in row:
        return row
    return {**row, attribute: text}
