"""The trace that a log record belongs to, if the application uses OpenTelemetry."""

from __future__ import annotations

import logging
import sys


def note_trace(record: logging.LogRecord) -> None:
    """Set `trace_id` and `span_id` of a record to those of the current span, if there is one.

    Imports nothing: a process that has not loaded OpenTelemetry has no spans. A record that has
    them already comes from another process.
    """
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None or hasattr(record, "trace_id"):
        return
    try:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            record.trace_id = f"{context.trace_id:032x}"
            record.span_id = f"{context.span_id:016x}"
    except Exception:  # noqa: BLE001 -- a line must be logged, whatever a tracing library does
        return
