"""Typed rows: what `Generated/Types.py` is made of."""

from __future__ import annotations

from jobgen_runtime.record.job_record import JobRecord
from jobgen_runtime.record.record import Record

__all__ = ["JobRecord", "Record"]
