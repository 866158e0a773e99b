"""Keep which job tables there are, for as long as the catalogs say the same."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.dashboard.access.redaction import DEFAULT_REDACTION, Redaction
from jobgen_runtime.dashboard.database.discovery import JobTable, discover, read_catalog_state

log = logging.getLogger("jobgen.dashboard")

LONGEST = 30.0
"""Seconds after which the tables are discovered again although their catalog rows are the same."""


@dataclass(frozen=True)
class _Known:
    tables: dict[str, JobTable]
    catalog_state: int
    read_at: float


@dataclass
class KnownTables:
    """The job tables of a dashboard's database.

    With a hundred kinds, discovering them costs more than all else that most pages do. A page of
    a single kind asks for that one each time, and so never uses columns that have changed.
    """

    listed: Collection[tuple[str, str]] = ()
    """Tables (schema, name) to find wherever they are."""

    redaction: Redaction = DEFAULT_REDACTION
    _known: _Known | None = field(default=None, init=False)

    async def every(self, conn: AsyncConnection[Any]) -> dict[str, JobTable]:
        """Return all job tables by key."""
        state = await read_catalog_state(conn, self.listed)
        known, now = self._known, monotonic()
        if known is None or known.catalog_state != state or now - known.read_at > LONGEST:
            tables = await discover(conn, self.listed, self.redaction)
            self._known = known = _Known(tables, state, now)
            self._warn_of_unmatched(tables.values())
        return known.tables

    def _warn_of_unmatched(self, tables: Iterable[JobTable]) -> None:
        columns: dict[str, set[str]] = {}
        for table in tables:
            columns.setdefault(table.name, set()).update(each.name for each in table.columns)
        for name in self.redaction.unmatched(columns) if columns else ():
            _warn_of_unmatched(name)

    async def one(self, conn: AsyncConnection[Any], key: str) -> dict[str, JobTable]:
        """Return the job table with this key, by key; nothing if there is none."""
        return await discover(conn, self.listed, self.redaction, key)


@cache
def _warn_of_unmatched(name: str) -> None:
    log.warning("redacted_columns has %r, which is not a column of a job table", name)
