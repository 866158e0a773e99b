"""Complete rows that name this worker although it does not hold them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.outcomes import Failed, Interrupted
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim, ClaimedRows
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")

MAX_RECONCILED_ROWS = 1000
"""Rows that one reconciliation takes up; the next one takes up the rest."""

_END_LOST = Failed(
    "The attempt has ended, but the table does not show how: its locked_at or locked_by was "
    "changed while it ran."
)


def lanes_with_unheld_rows(
    lanes: Lanes, claimed: Mapping[str, ClaimedRows]
) -> Iterator[tuple[Lane, str]]:
    """Yield each lane whose table names this worker more often than it should.

    The second value is locked_at of the latest claim.
    """
    for table, rows in claimed.items():
        lane = lanes[table]
        if rows.latest and rows.count > lane.claims.count_rows():
            yield lane, rows.latest


async def fetch_unheld_claims(
    lane: Lane, conn: AsyncConnection[Any], worker: UUID, *, until: str
) -> list[Claim] | None:
    """Return the claims that the lane does not know; None if the table is locked.

    No claim may be in progress.

    Args:
        lane: The lane whose table to reconcile.
        conn: The worker's connection.
        worker: The worker's id.
        until: locked_at of the latest claim to consider.

    Raises:
        psycopg.Error: The connection broke.
    """
    held = chain(lane.claims.by_key.values(), lane.claims.refused_completions)
    try:
        return await lane.queue.fetch_unheld(
            conn, worker, held, until=until, limit=MAX_RECONCILED_ROWS
        )
    except LockNotAvailable:
        return None
    except Error as error:
        if is_lost(conn, error):
            raise
        log.warning("cannot look for lost claims of %s: %s", lane.name, str(error).strip())
        return []


def complete_unheld_claims(lane: Lane, claims: list[Claim], *, claim_lost: bool) -> None:
    """Release claims whose answer was lost; otherwise the attempt counts as failed.

    Args:
        lane: The lane of the claims.
        claims: Claims that no slot has.
        claim_lost: Whether the connection broke during a claim, so that these jobs may never have
            started.
    """
    # Their completions may have been written, or the row claimed, in the meantime.
    unknown = [claim for claim in claims if claim.key not in lane.claims.by_key]
    if not unknown:
        return
    jobs = counted(len(unknown), "job")
    if claim_lost:
        log.warning("releasing %s of %s whose claim was lost", jobs, lane.name)
    else:
        log.warning("%s of %s ended without a trace in the table", jobs, lane.name)
    lane.end(unknown, Interrupted() if claim_lost else _END_LOST)


async def delete_outdated_refusals(
    lanes: Lanes, claimed: Mapping[str, ClaimedRows], conn: AsyncConnection[Any]
) -> None:
    """Delete the refusals of jobs that something else has changed since.

    Raises:
        psycopg.Error: The connection broke.
    """
    for table, rows in claimed.items():
        if rows.has_refusals:
            try:
                await lanes[table].refusals.delete_outdated(conn)
            except Error as error:
                if is_lost(conn, error):
                    raise
                log.debug("cannot delete outdated refusals of %s: %s", table, str(error).strip())
