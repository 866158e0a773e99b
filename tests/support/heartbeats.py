"""Heartbeats of workers, as their rows show them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

import psycopg

from tests.support.waiting import wait_for


def wait_for_heartbeats(
    conn: psycopg.Connection[Any], number: int, *, ignore: UUID | None = None
) -> None:
    """Wait until each registered worker, except `ignore`, has sent that many more heartbeats."""
    seen: defaultdict[UUID, set[object]] = defaultdict(set)

    def all_have_sent() -> bool:
        rows = conn.execute("SELECT id, heartbeat_at FROM job_workers").fetchall()
        workers = [worker for worker, _ in rows if worker != ignore]
        for worker, heartbeat_at in rows:
            seen[worker].add(heartbeat_at)
        # The first is the last one before the wait.
        return bool(workers) and all(len(seen[worker]) > number for worker in workers)

    wait_for(all_have_sent, f"{number} heartbeats of each worker")
