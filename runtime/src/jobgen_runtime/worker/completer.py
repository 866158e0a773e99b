"""Write the completions of jobs, over a connection apart from the one that claims."""

from __future__ import annotations

import asyncio
import logging
import math

from psycopg import Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue.row_errors import is_conflict
from jobgen_runtime.worker.completion_batches import (
    Batch,
    Conn,
    split_into_batches,
    write_batch,
)
from jobgen_runtime.worker.completion_connection import CompletionConnection
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.failover import FailoverGuard
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.locked_tables import check_locks, recheck_locks
from jobgen_runtime.worker.replace_refused_completions import (
    complete_refused_batch,
    refuse_suppressed,
    retry_refused,
)
from jobgen_runtime.worker.schedule import RETRY_LOCKED_ROW_SECONDS

log = logging.getLogger("jobgen.worker")

REPEATS_AFTER_CONFLICT = 2
"""How often a statement is repeated at once after a conflict with another transaction."""


class Completer:
    """Collect completions while a statement is in progress, and write them with the next."""

    def __init__(
        self,
        lanes: Lanes,
        connection: CompletionConnection,
        failover: FailoverGuard,
        events: WorkerEvents,
    ) -> None:
        self.database_errors = 0
        """How often the database failed while completions were written."""
        self._lanes = lanes
        self._connection = connection
        self._failover = failover
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Write completions until cancelled, through every outage of the database."""
        while True:
            conn = await self._connection.open()
            self._failover.check(self._connection.timeline)
            await self._connection.wait(self._events.completions)
            if conn.closed:
                continue
            self._events.completions.clear()
            lanes = [lane for lane in self._lanes if _has_work(lane)]
            try:
                await recheck_locks(lanes, conn)
                for lane in lanes:
                    was_locked = lane.schedule.is_table_locked()
                    await complete(lane, conn)
                    if lane.schedule.is_table_locked() and not was_locked:
                        await check_locks(lanes, conn)
            except (Error, OSError) as error:
                # Whether the statement took effect is unknown; the fence makes a repeat harmless.
                log.warning("the database failed: %s", str(error).strip() or repr(error))
                self.database_errors += 1
                if is_lost(conn, error):
                    await self._connection.close()
                self._run_again_at(self._loop.time() + RETRY_LOCKED_ROW_SECONDS)
                continue
            self._run_again_at(min((_next_completion_at(lane) for lane in lanes), default=math.inf))
            if lanes:
                self._events.wake()

    def _run_again_at(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if at == math.inf:
            self._timer = None
        else:
            self._timer = self._loop.call_at(at, self._events.completions.set)


async def complete(lane: Lane, conn: Conn) -> None:
    """Write what has ended in a lane: one statement for each kind of transition.

    If the database refuses a batch, it is narrowed down to the rows that are refused. A row that is
    locked stays pending.

    Raises:
        psycopg.Error: The connection broke; everything not answered stays pending.
    """
    try:
        due = {} if lane.schedule.is_table_locked() else lane.claims.completions.due()
        keeps_attempts = lane.queue.endings.keeps_attempts
        for batch in split_into_batches(due, keeps_attempts=keeps_attempts):
            await _complete_batch(lane, conn, batch)
        if lane.claims.refused_completions:
            await retry_refused(lane, conn)
    except LockNotAvailable:
        lane.report_locked_table()
    if lane.slot_freed:
        await _notify_slot_free(lane, conn)


def _has_work(lane: Lane) -> bool:
    """Return whether there is anything to write for the lane, now or later."""
    claims = lane.claims
    return bool(claims.completions or claims.refused_completions or lane.slot_freed)


def _next_completion_at(lane: Lane) -> float:
    """Return when the first deferred completion is due; infinity without one."""
    pending, refused = lane.claims.completions, lane.claims.refused_completions
    refused_at = refused.due_at() if refused else math.inf
    pending_at = pending.due_at() if pending else math.inf
    return max(min(refused_at, pending_at), lane.schedule.locked_until)


async def _complete_batch(lane: Lane, conn: Conn, batch: Batch) -> None:
    try:
        suppressed = await _write_repeatedly(lane, conn, batch)
    except LockNotAvailable as error:
        # Raised again if the whole table is locked.
        locked = await lane.queue.completions.locked_rows(conn, [claim for claim, _ in batch])
        lane.claims.completions.defer([claim for claim, _ in batch if claim.id in locked])
        free = [(claim, transition) for claim, transition in batch if claim.id not in locked]
        if free:
            await complete_refused_batch(lane, conn, free, error)
    except (Error, ValueError) as error:
        if is_lost(conn, error):
            raise
        await complete_refused_batch(lane, conn, batch, error)
    else:
        if suppressed:
            await refuse_suppressed(lane, conn, suppressed)


async def _write_repeatedly(lane: Lane, conn: Conn, batch: Batch) -> Batch:
    """Write a batch, and repeat the statement after a conflict with another transaction."""
    for _ in range(REPEATS_AFTER_CONFLICT):
        try:
            return await write_batch(lane, conn, batch)
        except Error as error:
            if conn.closed or not is_conflict(error):
                raise
    return await write_batch(lane, conn, batch)


async def _notify_slot_free(lane: Lane, conn: Conn) -> None:
    """Tell all workers that one more job of the kind may run."""
    lane.slot_freed = False
    lane.schedule.wake()
    try:
        await lane.queue.notify_slot_free(conn)
    except Error:
        # Other workers look again after their poll interval.
        if conn.closed:
            raise
