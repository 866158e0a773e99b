"""Read the jobs of a list in batches, each of which begins where the one before ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.dashboard.database.discovery import Column, JobTable
from jobgen_runtime.dashboard.export.exported_rows import ExportedJob, read_jobs
from jobgen_runtime.dashboard.export.formats import Format
from jobgen_runtime.dashboard.jobs.job_view import Value
from jobgen_runtime.dashboard.lists.selection import Cursor
from jobgen_runtime.dashboard.lists.walk import Walk

CHUNK = 200
"""Jobs that are read at a time, at most. The size of the values of the last ones decides how many,
so that a table with large values does not fill the memory."""

CHUNK_BYTES = 500_000
BATCH_BYTES = 1_000_000
"""Bytes of a batch, after which it ends."""

BATCH_SECONDS = 0.5
"""How long a batch keeps a connection from the pages, about."""


@dataclass
class Export:
    """The jobs that match a selection, as a file."""

    walk: Walk
    format: Format
    chunk: int = CHUNK

    @property
    def table(self) -> JobTable:
        """The table of the jobs."""
        return self.walk.table

    @property
    def head(self) -> bytes:
        """What the file begins with."""
        return self.format.head(self.table.columns).encode()

    async def batch(
        self, conn: AsyncConnection[Any], after: Cursor | None
    ) -> tuple[bytes, Cursor | None]:
        """Return the lines of the next jobs, and where to go on; None at the end.

        Raises:
            psycopg.DataError: The database does not accept a filter's value.
        """
        walk = replace(self.walk, conn=conn)
        lines, deadline = bytearray(), monotonic() + BATCH_SECONDS
        while True:
            step = await walk.step(after, self.chunk)
            jobs = await read_jobs(conn, self.table, step.jobs)
            # Redacting long errors takes a while, in which the loop serves others.
            chunk = await asyncio.to_thread(self._lines, jobs)
            lines += chunk
            if jobs:
                self.chunk = max(1, min(CHUNK, CHUNK_BYTES * len(jobs) // len(chunk)))
            after = step.end
            if after is None or len(lines) >= BATCH_BYTES or monotonic() > deadline:
                return bytes(lines), after

    def _lines(self, jobs: Sequence[ExportedJob]) -> bytes:
        return "".join(
            self.format.line([self._redacted(*each) for each in job]) for job in jobs
        ).encode(errors="replace")

    def _redacted(self, column: Column, value: Value) -> tuple[Column, Value]:
        if column.name == "last_error" and isinstance(value, str):
            return column, self.table.redact_error(value)
        return column, value
