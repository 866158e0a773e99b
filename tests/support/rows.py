"""The table `probe_jobs` as a test sees it: inserts, reads, and waits for changes."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from tests.support.waiting import TIMEOUT


class Rows:
    """The table `probe_jobs`, with every change of its rows in order of commit."""

    def __init__(self, url: str) -> None:
        self.conn = psycopg.connect(url, autocommit=True, row_factory=namedtuple_row)
        self._listening = psycopg.connect(url, autocommit=True)
        self._listening.execute("LISTEN changes")
        self.seen: list[tuple[UUID, str, int]] = []

    def insert(self, what: str = "return", *, n: int = 1, run_at: str = "now()") -> list[UUID]:
        """Insert `n` rows with plain SQL, as any language can, and return their ids in order."""
        rows = self.conn.execute(
            "INSERT INTO probe_jobs (what, run_at)"  # noqa: S608 -- the test's own text
            f" SELECT %s, {run_at} FROM generate_series(1, %s) RETURNING id",
            (what, n),
        )
        return [row[0] for row in rows]

    def get(self, row: UUID) -> Any:
        """Return the row as it is now."""
        query = """
            SELECT id, created_at, updated_at, status, last_error, attempts_count, locked_at,
                locked_by, CASE WHEN isfinite(run_at) THEN run_at END AS run_at
            FROM probe_jobs WHERE id = %s
        """
        return self.conn.execute(query, (row,)).fetchone()

    def wait_for_status(
        self,
        rows: list[UUID],
        status: str,
        *,
        attempts: int | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Wait until each of the rows has had `status` at some time, at that attempt if given."""
        missing = set(rows)

        def note(row: UUID, new: str, count: int) -> None:
            if new == f"job_status_{status}" and attempts in (None, count):
                missing.discard(row)

        for change in self.seen:
            note(*change)
        deadline = time.monotonic() + timeout
        while missing:
            left = deadline - time.monotonic()
            assert left > 0, f"{len(missing)} never came to {status}, such as " + str(
                [self.get(row) for row in list(missing)[:3]]
            )
            for notification in self._listening.notifies(timeout=left, stop_after=1):
                row, new, count = json.loads(notification.payload)
                self.seen.append((UUID(row), new, count))
                note(*self.seen[-1])

    def changes(self, row: UUID) -> list[tuple[str, int]]:
        """Return each status that the row has had since it was inserted, with its attempts."""
        # Notifications arrive in order of commit, before the answer to a later statement.
        self._listening.execute("SELECT")
        for notification in self._listening.notifies(timeout=0):
            changed, status, count = json.loads(notification.payload)
            self.seen.append((UUID(changed), status, count))
        return [(status, count) for changed, status, count in self.seen if changed == row]

    def close(self) -> None:
        """Close both connections."""
        self.conn.close()
        self._listening.close()
