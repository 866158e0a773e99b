"""Keep which job tables there are, for as long as the catalogs say the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.dashboard.access.redaction import DEFAULT_REDACTION, Redaction
from jobgen_runtime.dashboard.database.discovery import JobTable, discover, read_catalog_state

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
        return known.tables

    async def one(self, conn: AsyncConnection[Any], key: str) -> dict[str, JobTable]:
        """Return the job table with this key, by key; nothing if there is none."""
        return await discover(conn, self.listed, self.redaction, key)
