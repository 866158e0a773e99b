"""Run suspects so that a job that kills its process takes no other job with it again and again.

A suspect is a job whose last worker died. At first it runs in a child process, next to all other
jobs: if the child dies, nothing else does. A worker may die nevertheless, as when the system kills
a whole container that runs out of memory. The suspects that ran then run one at a time, so if a
worker dies again, one suspect is left. It runs alone: no other job starts meanwhile.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from psycopg import AsyncConnection

from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.queue.probes import Suspects
from jobgen_runtime.queue.suspects import SUSPECTS_SEARCHED, may_run_beside_suspects
from jobgen_runtime.worker.fetcher import Fetcher
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.schedule import RETRY_LOCKED_ROW_SECONDS
from jobgen_runtime.worker.suspect_batches import SuspectBatches
from jobgen_runtime.worker.suspect_modes import (
    ALONE_SECONDS,
    SuspectMode,
    suspect_mode,
)

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]


class Dispatch(Protocol):
    """Start claims in their lane, unless the worker has lost them meanwhile."""

    def __call__(self, lane: Lane, claims: list[Claim], worker_id: UUID, *, suspects: bool) -> None:
        """Start the claims."""


@dataclass(slots=True)
class _Alone:
    """A quarantine in which one suspect runs and nothing else.

    It first waits for the running jobs to end. `until` is when the current phase ends even if its
    jobs have not.
    """

    lane: Lane
    deaths: int
    until: float
    has_started: bool = False


class Quarantine:
    """Claim suspects when they may run. All times are seconds by the loop's clock."""

    def __init__(self, lanes: Lanes, probes: Probes, fetcher: Fetcher, dispatch: Dispatch) -> None:
        """Prepare for a worker's lanes.

        Args:
            lanes: All lanes.
            probes: The queries of all their tables.
            fetcher: Claims the suspects.
            dispatch: Starts them.
        """
        self._lanes = lanes
        self._probes = probes
        self._fetcher = fetcher
        self._dispatch = dispatch
        self._search_at: dict[Lane, float] = {}
        """When to look for suspects in the lanes that may have any; infinity if those that wait
        must not start before the ones that run have ended."""
        self._logged: dict[Lane, set[SuspectMode]] = {}
        """What has been logged about the suspects of each lane that has any."""
        self._alone: _Alone | None = None
        self._is_exclusive = False
        """Whether the suspect that runs allows no other one at the same time."""
        self._batches = SuspectBatches()
        self._known: dict[Lane, int] = {}
        """The deaths of the suspects of which the last claim of a lane has probably left more."""

    def expect(self, lanes: Iterable[Lane], now: float) -> None:
        """Look for suspects in these lanes."""
        for lane in lanes:
            self._search_at.setdefault(lane, now)

    def expect_anywhere(self, now: float) -> None:
        """Look for suspects in all lanes but those in strict order, where only the first counts."""
        self.expect((lane for lane in self._lanes if not lane.job.strict_order), now)

    def abandon(self) -> None:
        """Forget all suspects, because the worker has lost its claims."""
        self._search_at.clear()
        self._known.clear()
        self._alone, self._is_exclusive = None, False

    def is_active(self) -> bool:
        """Return whether there may be suspects: only then `fetch` has something to do."""
        return bool(self._search_at or self._logged)

    def blocks_until(self, now: float) -> float | None:
        """Return until when no job may start unless those that run end; None if jobs may start."""
        alone = self._alone
        return alone.until if alone and now < alone.until and self._lanes.are_busy() else None

    def next_at(self) -> float:
        """Return when to call `fetch`; the end of a suspect may be a reason to do so earlier."""
        if self._alone is not None:
            return self._alone.until
        return min((self._search_at[lane] for lane in self._searchable()), default=math.inf)

    async def fetch(self, conn: Conn, worker_id: UUID, now: float, *, poll_interval: float) -> None:
        """Claim and start the suspects that may run now.

        Args:
            conn: The worker's connection.
            worker_id: The worker's id.
            now: The time.
            poll_interval: Seconds until a lane whose global limit is reached looks again, at most.

        Raises:
            psycopg.Error: The connection broke.
        """
        if self._alone is not None:
            await self._continue_alone(self._alone, conn, worker_id, now, poll_interval)
            return
        self._note_ended(now)
        lanes = [lane for lane in self._searchable() if self._search_at[lane] <= now]
        if lanes:
            await self._search(lanes, conn, worker_id, now, poll_interval)
        self._note_lanes_without_suspects()

    def _note_ended(self, now: float) -> None:
        """Note that suspects have ended, so that others may start."""
        if not self._count_running():
            self._is_exclusive = False
            for lane, at in self._search_at.items():
                self._search_at[lane] = now if at == math.inf else at
        if any(lane.runners.has_crashed for lane in self._logged):
            self._batches.crashed()

    def _note_lanes_without_suspects(self) -> None:
        for lane in [lane for lane in self._logged if lane not in self._search_at]:
            if not lane.claims.suspects:
                del self._logged[lane]
                lane.runners.close_quarantine()
                log.info("%s: no waiting job is left whose last worker died", lane.name)
        if not self._logged:
            self._batches.reset()

    async def _search(
        self, lanes: list[Lane], conn: Conn, worker_id: UUID, now: float, poll_interval: float
    ) -> None:
        are_found = not (len(lanes) == 1 and lanes[0] in self._known)
        found = await self._find(conn) if are_found else self._assume(lanes[0])
        for lane in lanes:
            if lane.table in found:
                self._search_at[lane] = math.inf
            elif not lane.schedule.is_table_locked():
                # It is not there if the lease was lost meanwhile.
                self._search_at.pop(lane, None)
        for lane, deaths, count in _least_suspicious_first(lanes, found):
            mode = suspect_mode(lane, deaths)
            self._log_found(lane, mode, count)
            limit = self._limit(lane, mode, now)
            if mode is SuspectMode.ALONE and limit:
                self._alone = _Alone(lane, deaths, now + ALONE_SECONDS)
                self._search_at[lane] = now
                return
            at = now
            if limit:
                claims = await self._fetcher.fetch_suspects(
                    lane, conn, worker_id, limit, deaths=deaths, poll_interval=poll_interval
                )
                if mode is SuspectMode.SEPARATE:
                    self._batches.claimed(now, before=self._count_running(), count=len(claims))
                    self._note_claim(lane, deaths, is_full=len(claims) == limit)
                self._start(lane, claims, worker_id, mode)
                if are_found and len(claims) < limit:
                    # The others that were found are locked, or another worker has claimed them.
                    at += RETRY_LOCKED_ROW_SECONDS
            elif not may_run_beside_suspects(deaths):
                at = math.inf
            # If the lease was lost meanwhile, one more search does no harm.
            self._search_at[lane] = min(self._search_at.get(lane, at), at)

    async def _find(self, conn: Conn) -> Mapping[str, Suspects]:
        """Return how many suspects each table has, by the number of deaths."""
        refused = {lane.table: ids for lane in self._lanes if (ids := lane.refused_claims.excluded)}
        skipped = self._lanes.locked_tables()
        found, locked = await self._probes.suspects(conn, skipped, refused)
        for table in locked:
            self._lanes[table].report_locked_table()
        return found

    def _assume(self, lane: Lane) -> Mapping[str, Suspects]:
        """Return the other suspects of a lane that its last claim has shown."""
        return {lane.table: {self._known.pop(lane): SUSPECTS_SEARCHED}}

    def _note_claim(self, lane: Lane, deaths: int, *, is_full: bool) -> None:
        if is_full:
            self._known[lane] = deaths

    def _limit(self, lane: Lane, mode: SuspectMode, now: float) -> int:
        """Return how many suspects of a lane may start now."""
        room, running = lane.room(), self._count_running()
        if mode is SuspectMode.ISOLATED:
            return room
        if mode is SuspectMode.SEPARATE:
            free = self._batches.room(running, now, kinds=len(self._logged))
            return 0 if self._is_exclusive else min(room, free)
        return 0 if running else min(room, 1)

    def _start(self, lane: Lane, claims: list[Claim], worker_id: UUID, mode: SuspectMode) -> None:
        if not claims:
            return
        if mode is not SuspectMode.ISOLATED:
            self._is_exclusive = mode is not SuspectMode.SEPARATE
        self._dispatch(lane, claims, worker_id, suspects=mode is not SuspectMode.ISOLATED)

    async def _continue_alone(
        self, alone: _Alone, conn: Conn, worker_id: UUID, now: float, poll_interval: float
    ) -> None:
        """Start the suspect, or end the quarantine, unless jobs have time left to end."""
        if self.blocks_until(now) is not None:
            return
        lane = alone.lane
        if not alone.has_started:
            claims = await self._fetcher.fetch_suspects(
                lane, conn, worker_id, 1, deaths=alone.deaths, poll_interval=poll_interval
            )
            self._start(lane, claims, worker_id, SuspectMode.ALONE)
            if claims:
                alone.has_started, alone.until = True, now + ALONE_SECONDS
                return
            # Another session has locked the row: do not hold up all jobs for it again at once.
            self._search_at[lane] = now + ALONE_SECONDS
        self._alone = None
        for other in self._lanes:
            other.schedule.wake_unless_limited()
        state = "still runs" if self._count_running() else "has ended"
        log.info("%s: the job that had to run alone %s: other jobs start again", lane.name, state)

    def _log_found(self, lane: Lane, mode: SuspectMode, count: int) -> None:
        """Log how suspects run, once while the lane has any."""
        logged = self._logged.setdefault(lane, set())
        if mode is SuspectMode.ISOLATED or mode in logged:
            return
        logged.add(mode)
        least = "at least " if count >= SUSPECTS_SEARCHED else ""
        log.warning(
            "%s: jobs whose last worker died, perhaps because of them (%s%d): they run %s",
            lane.name,
            least,
            count,
            mode.value,
        )

    def _searchable(self) -> Iterator[Lane]:
        """Yield the lanes to look for suspects in that can start one."""
        is_full = self._is_exclusive or not self._batches.may_claim(self._count_running())
        for lane in self._search_at:
            if is_full and not lane.runners.are_isolated:
                continue
            if lane.room() and not (lane.schedule.is_limited() or lane.schedule.is_table_locked()):
                yield lane

    def _count_running(self) -> int:
        return sum(len(lane.claims.suspects) for lane in self._lanes)


def _least_suspicious_first(
    lanes: Iterable[Lane], found: Mapping[str, Suspects]
) -> list[tuple[Lane, int, int]]:
    """Return each lane, number of deaths and number of suspects, by the number of deaths."""
    rows = [
        (lane, deaths, count)
        for lane in lanes
        for deaths, count in found.get(lane.table, {}).items()
    ]
    return sorted(rows, key=lambda row: row[1])
