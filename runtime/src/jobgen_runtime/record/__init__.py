"""Typed rows: the base classes of the records in `Generated/Types.py`."""

from __future__ import annotations

from jobgen_runtime.record.job_record import JobRecord
from jobgen_runtime.record.record import Record

__all__ = ["JobRecord", "Record"]
