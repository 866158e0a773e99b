"""Workers that rely on notifications, as the advisory locks in the database show them."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.support.waiting import wait_for

_ASLEEP = """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = hashtext('jobgen_attended')::BIGINT & 4294967295
        AND objid = hashtext(%s)::BIGINT & 4294967295
"""


def wait_until_asleep(
    conn: psycopg.Connection[Any], workers: int, table: str = "public.probe_jobs"
) -> None:
    """Wait until exactly that many workers sleep until a notification for the table comes.

    `table` is its name with its schema, unquoted.
    """
    wait_for(lambda: len(asleep(conn, table)) == workers, f"exactly {workers} workers asleep")


def asleep(conn: psycopg.Connection[Any], table: str = "public.probe_jobs") -> set[int]:
    """Return the server processes of the workers that sleep until a notification for the table."""
    return {pid for (pid,) in conn.execute(_ASLEEP, (table,))}
