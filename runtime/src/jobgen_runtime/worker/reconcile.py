"""Complete rows that name this worker although it does not hold them."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.outcomes import Failed, Interrupted
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim, ClaimedRows, Probes
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.schedule import RETRY_FAILED_SECONDS

log = logging.getLogger("jobgen.worker")

MAX_RECONCILED_ROWS = 1000
"""Rows that one reconciliation takes up; the next one takes up the rest."""

_END_LOST = Failed(
    "The attempt has ended, but the table does not show how: its locked_at or locked_by was "
    "changed while it ran."
)


class Reconciler:
    """Find rows that name this worker although no slot has them, and complete them.

    Attributes:
        due_at: When to look for such rows next, by the loop's clock.
    """

    def __init__(self, lanes: Lanes, probes: Probes, *, interval: float) -> None:
        """Reconcile the lanes' tables every `interval` seconds."""
        self.due_at = -math.inf
        self._lanes = lanes
        self._probes = probes
        self._interval = interval
        self._claim_may_be_lost = False
        self._loop = asyncio.get_running_loop()

    def expect_lost_claim(self) -> None:
        """Reconcile at once: a connection broke, perhaps during a claim.

        Rows that are found then may never have started, so they are released. Without that, their
        attempts count as failed.
        """
        self._claim_may_be_lost, self.due_at = True, -math.inf

    async def reconcile(
        self, conn: AsyncConnection[Any], worker: UUID, *, is_leased: Callable[[], bool]
    ) -> bool:
        """Complete the rows that name the worker and that no lane holds.

        No claim may be in progress.

        Args:
            conn: The worker's connection.
            worker: The worker's id.
            is_leased: Tells whether the id is still the worker's. If not, what was held is
                forgotten but may still run.

        Returns:
            Whether there are requests to cancel jobs of these tables.

        Raises:
            psycopg.Error: The connection broke.
        """
        skipped = self._lanes.locked_tables()
        claimed, locked = await self._probes.count_claimed(conn, worker, skipped)
        for table, rows in claimed.items():
            self._lanes[table].queue.may_be_large = bool(rows.may_be_large)
        for lane, latest in _lanes_with_unheld_rows(self._lanes, claimed):
            claims = await _fetch_unheld_claims(lane, conn, worker, until=latest)
            if claims is None:
                locked.add(lane.table)
            elif is_leased():
                _complete_unheld_claims(lane, claims, claim_lost=self._claim_may_be_lost)
        await _delete_outdated_refusals(self._lanes, claimed, conn)
        for table in locked:
            self._lanes[table].report_locked_table()
        has_locked_tables = bool(skipped or locked)
        self._claim_may_be_lost &= has_locked_tables
        wait = RETRY_FAILED_SECONDS if has_locked_tables else self._interval
        self.due_at = self._loop.time() + wait
        return any(rows.has_cancellations for rows in claimed.values())


def _lanes_with_unheld_rows(
    lanes: Lanes, claimed: Mapping[str, ClaimedRows]
) -> Iterator[tuple[Lane, str]]:
    """Yield each lane whose table names this worker more often than it should.

    The second value is locked_at of the latest claim.
    """
    for table, rows in claimed.items():
        lane = lanes[table]
        if rows.latest and rows.count > lane.claims.count_rows():
            yield lane, rows.latest


async def _fetch_unheld_claims(
    lane: Lane, conn: AsyncConnection[Any], worker: UUID, *, until: str
) -> list[Claim] | None:
    """Return the claims up to `until` that the lane does not know; None if the table is locked."""
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


def _complete_unheld_claims(lane: Lane, claims: list[Claim], *, claim_lost: bool) -> None:
    """Release claims whose answer was lost; otherwise the attempt counts as failed."""
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


async def _delete_outdated_refusals(
    lanes: Lanes, claimed: Mapping[str, ClaimedRows], conn: AsyncConnection[Any]
) -> None:
    """Delete the refusals of jobs that something else has changed since."""
    for table, rows in claimed.items():
        if rows.has_refusals:
            try:
                await lanes[table].refusals.delete_outdated(conn)
            except Error as error:
                if is_lost(conn, error):
                    raise
                log.debug("cannot delete outdated refusals of %s: %s", table, str(error).strip())
