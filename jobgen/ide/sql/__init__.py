"""The SQL statements of the pages, one in each file."""

from __future__ import annotations

from jobgen_runtime.sql_files import reader

read = reader(__name__)
