"""Completions without the report or record that belongs to them, where these are refused."""

from __future__ import annotations

import logging

from psycopg import Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.transitions import Fail, Transition
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue.row_errors import is_conflict, is_outage
from jobgen_runtime.worker.completion_batches import Batch, Conn, require_table
from jobgen_runtime.worker.lane import Lane

log = logging.getLogger("jobgen.worker")


async def is_accepted_bare(lane: Lane, conn: Conn, transition: Transition, refused: Error) -> bool:
    """Return whether only what belongs to the end is refused: a report, or a recorded attempt."""
    if not lane.queue.endings or is_conflict(refused) or is_outage(refused):
        return False
    try:
        await require_table(lane, conn, transition, bare=True)
    except LockNotAvailable:
        raise
    except Error as error:
        if is_lost(conn, error):
            raise
        return False
    return True


def log_bare(lane: Lane, batch: Batch, reason: str) -> None:
    """Log that jobs end without the report of their failure, or the record of their attempt."""
    what, count = "without a record of the attempt", counted(len(batch), "job")
    if isinstance(batch[0][1], Fail) and lane.queue.endings.report is not None:
        what = f"without its report in {lane.queue.endings.report.qualified_name}"
        count = ", ".join(str(claim.id) for claim, _ in batch)
    log.error("%s: %s ended %s, which the database refused: %s", lane.name, count, what, reason)
