"""Write the completions of jobs, over a connection apart from the one that claims."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.completion_connection import CompletionConnection
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.failover import FailoverGuard
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.schedule import RETRY_LOCKED_ROW_SECONDS

log = logging.getLogger("jobgen.worker")

MAX_JOINED_ROWS = 100
"""Rows per statement that joins rows to their errors and delays: without statistics, the planner
may compare every row with every other."""

Conn = AsyncConnection[Any]
_Batch = list[tuple[Claim, Transition]]
_Kind = tuple[type[object], Literal[JobStatus.FAILED, JobStatus.TIMED_OUT] | None]


class Completer:
    """Collect completions while a statement is in progress, and write them with the next."""

    def __init__(
        self,
        lanes: Lanes,
        connection: CompletionConnection,
        failover: FailoverGuard,
        events: WorkerEvents,
    ) -> None:
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
            lanes = [lane for lane in self._lanes if lane.completions or lane.slot_freed]
            try:
                for lane in lanes:
                    await complete(lane, conn)
            except (Error, OSError) as error:
                # Whether the statement took effect is unknown; the fence makes a repeat harmless.
                log.warning("the database failed: %s", str(error).strip() or repr(error))
                if is_lost(conn, error):
                    await self._connection.close()
                self._run_again_at(self._loop.time() + RETRY_LOCKED_ROW_SECONDS)
                continue
            self._run_again_at(min((lane.next_completion_at() for lane in lanes), default=math.inf))
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

    If the database refuses a batch, its rows are written one by one, so that an error text or a
    trigger holds up one row only. A row that is refused even then, or is locked, stays pending.

    Raises:
        psycopg.Error: The connection broke; everything not answered stays pending.
    """
    for batch in _batches(lane.due_completions()):
        try:
            await _complete_batch(lane, conn, batch)
        except LockNotAvailable:
            lane.report_locked_table()
            break
    if lane.slot_freed:
        await _notify_slot_free(lane, conn)


async def _complete_batch(lane: Lane, conn: Conn, batch: _Batch) -> None:
    try:
        await _write(lane, conn, batch)
    except LockNotAvailable:
        # Raised again if the whole table is locked.
        locked = await lane.queue.locked_rows(conn, [claim for claim, _ in batch])
        lane.completions.defer([claim for claim, _ in batch if claim.id in locked])
        free = [(claim, transition) for claim, transition in batch if claim.id not in locked]
        if free:
            await _write(lane, conn, free)
    except Error as error:
        if is_lost(conn, error):
            raise
        for claim, transition in batch:
            await _complete_one(lane, conn, claim, transition)


async def _complete_one(lane: Lane, conn: Conn, claim: Claim, transition: Transition) -> None:
    try:
        await _write(lane, conn, [(claim, _with_ascii_error(transition))])
    except LockNotAvailable:
        raise
    except Error as error:
        if conn.closed:
            raise
        reason = str(error).strip()
        log.error("cannot complete %s %s: %s", lane.name, claim.id, reason)  # noqa: TRY400 -- no traceback needed
        lane.completions.defer([claim])


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


async def _write(lane: Lane, conn: Conn, batch: _Batch) -> None:
    claims = [claim for claim, _ in batch]
    match batch[0][1]:
        case Succeed():
            lost = await lane.queue.succeed(conn, claims)
        case Release():
            lost = await lane.queue.release(conn, claims, _suspects(batch))
        case SnoozeFor():
            lost = await lane.queue.snooze(conn, claims, _delays(batch))
        case Retry():
            suspects = set(_suspects(batch))
            remain = [claim in suspects for claim in claims]
            lost = await lane.queue.retry(conn, claims, _errors(batch), _delays(batch), remain)
        case Fail(status, _):
            lost = await lane.queue.fail(conn, claims, _errors(batch), status)
    lane.completed(claims)
    for claim in lost:
        # Also after an answer to this very statement was lost, or if the row was deleted.
        log.warning("%s %s no longer belonged to this worker when it ended", lane.name, claim.id)


def _batches(completions: Mapping[Claim, Transition]) -> Iterator[_Batch]:
    """Split completions by kind; those whose rows are joined to errors or delays also by size."""
    kinds: dict[_Kind, _Batch] = defaultdict(list)
    for claim, transition in completions.items():
        status = transition.status if isinstance(transition, Fail) else None
        kinds[type(transition), status].append((claim, transition))
    for (kind, _), batch in kinds.items():
        size = len(batch) if kind in (Succeed, Release) else MAX_JOINED_ROWS
        for start in range(0, len(batch), size):
            yield batch[start : start + size]


def _errors(batch: _Batch) -> list[str]:
    return [transition.error for _, transition in batch if isinstance(transition, Retry | Fail)]


def _delays(batch: _Batch) -> list[timedelta]:
    return [
        transition.delay for _, transition in batch if isinstance(transition, Retry | SnoozeFor)
    ]


def _suspects(batch: _Batch) -> list[Claim]:
    return [
        claim
        for claim, transition in batch
        if isinstance(transition, Release | Retry) and transition.is_suspect
    ]


def _with_ascii_error(transition: Transition) -> Transition:
    """Return the transition with an error text that a database of any encoding accepts."""
    if not isinstance(transition, Retry | Fail):
        return transition
    ascii_error = transition.error.encode("ascii", "backslashreplace").decode("ascii")
    return replace(transition, error=ascii_error)
