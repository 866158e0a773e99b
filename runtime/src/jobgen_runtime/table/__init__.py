"""`Table`, and the statements of `sql/` with a table's names filled in."""

from __future__ import annotations

from jobgen_runtime.table.compose import NOT_REFUSED, compose
from jobgen_runtime.table.quoting import quote_name, quote_text
from jobgen_runtime.table.table import Default, Now, Table
from jobgen_runtime.table.unique_index import UniqueIndex

__all__ = [
    "NOT_REFUSED",
    "Default",
    "Now",
    "Table",
    "UniqueIndex",
    "compose",
    "quote_name",
    "quote_text",
]
