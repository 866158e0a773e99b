"""The column that links a job to the span that created it."""

from __future__ import annotations

TRACEPARENT_COLUMN = "traceparent"
"""The column's name. Spans are linked by it if it is of TRACEPARENT_TYPE and allows NULL; any other
column of this name is the user's."""

TRACEPARENT_TYPE = "text"
"""PostgreSQL's own name of TEXT."""

TRACEPARENT_ARGUMENT = "traceparent:text?"
"""The column as an argument of the command line."""
