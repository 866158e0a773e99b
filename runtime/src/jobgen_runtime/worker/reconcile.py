"""Puts back what the database says that this worker holds, and it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Held
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]


async def reconcile(
    lanes: Lanes,
    tables: Mapping[int, Held],
    conn: Conn,
    worker: UUID,
    is_own: Callable[[], bool],
) -> set[int]:
    """Puts back rows that a claim took whose answer was lost; `tables` says what each lane has.

    No claim may be under way. `is_own`: whether this process is still that worker. If not, what it
    held is forgotten, and runs perhaps: it is the others' to take. Returns the places of the tables
    that someone has locked. Raises psycopg.Error where the connection broke.
    """
    locked: set[int] = set()
    for place, held in tables.items():
        lane = lanes[place]
        if held.latest and held.rows > lane.rows() and is_own():
            try:
                await _put_back_lost(lane, conn, worker, until=held.latest)
            except LockNotAvailable:
                locked.add(place)
    return locked


async def _put_back_lost(lane: Lane, conn: Conn, worker: UUID, *, until: str) -> None:
    try:
        changed = await lane.queue.reconcile(conn, worker, lane.held.values(), until=until)
    except LockNotAvailable:
        raise
    except Error as error:
        if is_lost(conn, error):
            raise
        log.warning("%s: lost claims cannot be put back: %s", lane.name, str(error).strip())
    else:
        if changed:  # Else what it saw has been written since.
            log.warning("%s: put back %d whose claim was lost", lane.name, len(changed))
