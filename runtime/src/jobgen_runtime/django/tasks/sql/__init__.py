"""The table of Django's Tasks."""

from __future__ import annotations

from jobgen_runtime.sql_files import reader

read = reader(__name__)
