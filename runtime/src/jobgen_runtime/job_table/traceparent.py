"""The column that links a job to the span that created it."""

from __future__ import annotations

TRACEPARENT_COLUMN = "traceparent"
"""The column's name: a text that allows NULL. Spans are linked by it where a table has it."""

TRACEPARENT_ARGUMENT = "traceparent:text?"
"""The column as an argument of the command line."""
