"""The columns of a job that reports a failure of another job: a job class in `on_failed`."""

from __future__ import annotations

FAILED_TABLE = "failed_table"
"""The name of the failed job's table, with its schema if the record has one: TEXT."""

FAILED_ID = "failed_id"
"""The failed job's id: UUID."""

FAILED_ERROR = "failed_error"
"""The failed job's `last_error`: TEXT. The table may be without this column."""

REPORT_ARGUMENTS = (f"{FAILED_TABLE}:text", f"{FAILED_ID}:uuid", f"{FAILED_ERROR}:text?")
"""The columns as arguments of the command line."""
