"""Which workers sleep, as the database's locks say it."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from tests.support.waiting import TIMEOUT

_ASLEEP = """
    SELECT COUNT(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = hashtext('jobgen_attended')::BIGINT & 4294967295
        AND objid = hashtext('public.' || %s)::BIGINT & 4294967295
"""


def wait_until_asleep(
    conn: psycopg.Connection[Any], workers: int, table: str = "probe_jobs"
) -> None:
    """Until exactly so many workers rely on being woken for that table."""
    deadline = time.monotonic() + TIMEOUT
    while conn.execute(_ASLEEP, (table,)).fetchone() != (workers,):
        assert time.monotonic() < deadline, f"never {workers} asleep"
        time.sleep(0.01)
