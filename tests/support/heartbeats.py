"""Heartbeats of workers, as their rows show them."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.support.waiting import wait_for


def wait_for_heartbeats(conn: psycopg.Connection[Any], number: int) -> None:
    """Wait until each worker that is registered now has sent that many more heartbeats."""
    query = "SELECT id::TEXT, heartbeat_at FROM job_workers"
    seen = {worker: {at} for worker, at in conn.execute(query)}
    assert seen

    def all_sent() -> bool:
        for worker, at in conn.execute(query):
            seen.get(worker, set()).add(at)
        return all(len(times) > number for times in seen.values())

    wait_for(all_sent, f"{number} heartbeats of each worker")
