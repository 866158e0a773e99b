"""Release rows that name this worker although it does not hold them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import ClaimedRows
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")


def lanes_with_lost_claims(
    lanes: Lanes, claimed: Mapping[str, ClaimedRows]
) -> Iterator[tuple[Lane, str]]:
    """Yield each lane whose table names this worker more often than it should.

    The answer to a claim was lost. The second value is locked_at of the latest claim.
    """
    for table, rows in claimed.items():
        lane = lanes[table]
        if rows.latest and rows.count > lane.count_claimed():
            yield lane, rows.latest


async def release_lost_claims(
    lane: Lane, conn: AsyncConnection[Any], worker: UUID, *, until: str
) -> bool:
    """Release the rows of claims whose answer was lost; return False if the table is locked.

    No claim may be in progress.

    Args:
        lane: The lane whose table to reconcile.
        conn: The worker's connection.
        worker: The worker's id.
        until: locked_at of the latest claim to consider.

    Raises:
        psycopg.Error: The connection broke.
    """
    try:
        released = await lane.queue.reconcile(conn, worker, lane.held.values(), until=until)
    except LockNotAvailable:
        return False
    except Error as error:
        if is_lost(conn, error):
            raise
        log.warning("cannot release lost claims of %s: %s", lane.name, str(error).strip())
    else:
        if released:  # Otherwise their completions were written in the meantime.
            log.warning("released %d jobs of %s whose claim was lost", len(released), lane.name)
    return True
