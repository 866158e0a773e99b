"""The statements that ask which migrations are applied, one a file."""

from __future__ import annotations

from jobgen_runtime.sql_files import reader

read = reader(__name__)
