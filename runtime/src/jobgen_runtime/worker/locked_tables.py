"""Leave tables alone as long as other sessions have them locked.

Asking the database which of them are locked costs one statement. Trying costs half a second for
each table, and blocks the connection meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.queue import BLOCKS_WRITES, find_locked_tables
from jobgen_runtime.worker.lane import Lane


async def check_locks(lanes: Iterable[Lane], conn: AsyncConnection[Any]) -> None:
    """Leave those of these lanes alone whose tables are locked.

    Raises:
        psycopg.Error: The connection broke.
    """
    asked = [lane for lane in lanes if not lane.schedule.is_table_locked()]
    locked = await find_locked_tables(conn, [lane.queue.table for lane in asked], BLOCKS_WRITES)
    for lane in asked:
        if lane.queue.table.sql_name in locked:
            lane.report_locked_table()
        else:
            lane.schedule.table_unlocked()


async def recheck_locks(lanes: Iterable[Lane], conn: AsyncConnection[Any]) -> None:
    """Check the tables that were locked and that it is time to try again, if there are several.

    A single one is tried: a session that waits in the queue for a lock gets it eventually.

    Raises:
        psycopg.Error: The connection broke.
    """
    expired = [lane for lane in lanes if lane.schedule.was_table_locked()]
    if len(expired) > 1:
        await check_locks(expired, conn)
