"""Claims what is due and runs it: one loop over one connection, which it also hears over.

Everything that makes a row this worker's goes through this loop, one statement after another, so
that a claim is either answered or known to be lost. Only what it holds is written beside it, by the
`Writer`.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error

from jobgen_runtime.database.links import Link
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.executor import Deadline
from jobgen_runtime.job import Job
from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.worker.cancellations import NOTICE, Cancellations
from jobgen_runtime.worker.claimer import Claimer
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.promotions import Promotions
from jobgen_runtime.worker.reconcile import reconcile
from jobgen_runtime.worker.upkeep import Upkeep
from jobgen_runtime.worker.waits import LOCKED_ELSEWHERE, SELDOM, TROUBLE, UNWOKEN
from jobgen_runtime.worker.writer import Writer

log = logging.getLogger("jobgen.worker")

Conn = AsyncConnection[Any]


class Worker:
    """Works off the tables of its jobs.

    It claims while it has an identity, which `admit` gives it and `lose` takes away;
    `on_rest` is called when nothing runs any more after that, `on_turn` after each round that the
    database did not fail, at least every `poll` seconds. `written_by`: the writer's connection.
    `poll`: the seconds until it looks even if nothing wakes it. `deadline`: until when jobs' own
    processes may run.
    """

    def __init__(
        self,
        jobs: Sequence[type[Job[Any]]],
        link: Link,
        *,
        written_by: Link,
        poll: float,
        on_rest: Callable[[], None],
        on_turn: Callable[[], None],
        deadline: Deadline,
    ) -> None:
        self.lanes = Lanes(Lane(job, self._on_change, deadline) for job in jobs)
        self._promotions = Promotions(self.lanes)
        self.writer = Writer(self.lanes, written_by, self._promotions, self.nudge)
        """Runs beside `run`."""
        self.quiet = asyncio.Event()
        """Set while nothing is due and nothing is held."""
        self.rest = asyncio.Event()
        """Set once nothing runs and all is written, after `stop_claiming`."""
        self.listener = Listener(self.wake, self.hear, check=SELDOM * poll)
        self.hears = True
        """Whether the database wakes it for every change that makes a job due."""
        self._link = link
        tables = [lane.queue.table for lane in self.lanes]
        self._probes = Probes(
            tables, strict={n for n, lane in enumerate(self.lanes) if lane.job.strict_order}
        )
        self._cancellations = Cancellations(self.lanes, self._probes)
        self._upkeep = Upkeep(tables)
        self._poll = poll
        self._on_rest = on_rest
        self._on_turn = on_turn
        self._identity: UUID | None = None
        self._claiming = True
        self._nudged = asyncio.Event()
        self._reconcile_at = -math.inf
        self._claimer = Claimer(
            self.lanes,
            self._probes,
            link,
            self.listener,
            look_every=self._look_every,
            take=self._take,
            nudge=self.nudge,
        )
        self._loop = asyncio.get_running_loop()

    def nudge(self) -> None:
        """There is something to do."""
        self._nudged.set()
        # Not in `run`, which may wait for a database that is away.
        if self._identity is None and self.lanes.at_rest():
            self._on_rest()
            self._rest_if_ending()

    def _on_change(self) -> None:
        self.writer.nudge()
        self.nudge()

    def wake(self, table: str | None) -> None:
        """Something may be due in that table (`schema.table`), or in any; or see NOTICE."""
        if table in (None, NOTICE):
            self._cancellations.ask()
        if table == NOTICE:
            self.nudge()
            return
        for lane in self.lanes:
            if table is None or lane.queue.table.is_called(table):
                lane.plan.wake()
        self.quiet.clear()
        self.nudge()

    def hear(self, hears: bool) -> None:
        """Says whether the database wakes it for every change that makes a job due."""
        if hears != self.hears:
            self.hears = hears
            self.wake(None)
            if hears:
                log.info("woken again by the database")
            else:
                log.warning(
                    "nothing wakes this worker: LISTEN does not work here (a pooler such as "
                    "PgBouncer keeps it to itself); looking every %g s instead",
                    self._look_every(),
                )

    def admit(self, identity: UUID) -> None:
        """The database knows this process under that id from now on."""
        self._identity = identity
        self.wake(None)

    def lose(self) -> None:
        """The claims are lost, or may be soon: all that runs is cancelled, nothing is written."""
        self._identity = None
        # What a statement would still bring is lost, and its answer may never come.
        self.hang_up()
        self._claimer.quarantine.end()
        self.lanes.forget()
        self.nudge()

    def stop_claiming(self) -> None:
        """No new job starts from now on; what was claimed ahead is put back."""
        self._claiming = False
        self.lanes.give_back()
        self._on_change()

    def release(self) -> None:
        """Asks all that runs to end; it is put back then, not counted."""
        self.lanes.release()
        self._on_change()

    def hang_up(self) -> None:
        """What is asked of the database fails now, and is asked again over other connections."""
        self._link.hang_up()
        self.writer.hang_up()

    async def run(self) -> None:
        """Works until it is cancelled, through every outage of the database."""
        wait = 0.0
        while True:
            await self._pause(wait)
            identity = self._identity
            if identity is None:
                wait = self._poll
                continue
            conn = self._link.current or await self._link.connection()
            self._promotions.note(self._link.timeline)
            if self._identity != identity:
                wait = 0.0
                continue  # It was lost while the database was away.
            try:
                wait = await self._turn(conn, identity)
                self._on_turn()
                self._rest_if_ending()
            except (Error, OSError) as error:
                # Whether the last statement was carried out is not known: see `_reconcile`.
                log.warning("the database failed: %s", str(error).strip() or repr(error))
                if is_lost(conn, error):
                    await self._link.close()
                self._reconcile_at = -math.inf
                self.wake(None)
                self._nudged.clear()
                wait = LOCKED_ELSEWHERE

    def _rest_if_ending(self) -> None:
        # Said between two turns alone: while a claim is under way nobody knows what is held.
        if not self._claiming and self.lanes.at_rest():
            self.rest.set()

    async def _pause(self, seconds: float) -> None:
        """Until the next nudge, or that long."""
        # A turn without a statement in it must still let the jobs and the signals have theirs.
        await asyncio.sleep(0)
        if seconds > 0:
            timer = self._loop.call_later(seconds, self._nudged.set)
            self.listener.start()
            try:
                await self._nudged.wait()
            finally:
                self.listener.stop()
                timer.cancel()
        self._nudged.clear()

    async def _turn(self, conn: Conn, identity: UUID) -> float:
        """One round of all that there is to do: the seconds until the next, at the latest."""
        # What is not due takes no coroutine: of an idle worker's way to a job, they are the most.
        if self.listener.is_due(conn):
            await self.listener.look(conn, owns_session=self._link.owns_session)
        if self._cancellations.are_due():
            await self._cancellations.look(conn, identity)
        if not self.quiet.is_set() and self.lanes.at_rest() and not self._claimer.is_busy():
            self._claimer.outlook.lull()
        if self._loop.time() >= self._reconcile_at:
            await self._reconcile(conn, identity)
            for place in await self._upkeep.look(conn):
                self.lanes[place].plan.wake()
        if self._claiming and await self._claimer.claim(conn, identity):
            if self._loop.time() >= self._claimer.outlook.ask_at:
                await self._ask(conn)
            next_at = self._claimer.next_at()
        else:
            next_at = self._claimer.quarantine.until
        if self._nudged.is_set():
            return 0
        # Not longer than `poll`, so that it is seen to go on.
        return min(self._poll, max(0.0, min(self._reconcile_at, next_at) - self._loop.time()))

    async def _ask(self, conn: Conn) -> None:
        idle = await self._claimer.outlook.ask(conn, self.listener if self.hears else None)
        if idle and self.lanes.at_rest():
            self.quiet.set()
        if not self.hears and not self.lanes.at_rest():
            self._cancellations.ask()

    def _take(self, lane: Lane, claims: list[Claim], identity: UUID) -> None:
        if self._identity != identity:
            return  # Declared dead while the claim was under way: its rows are put back by others.
        lane.take(claims, start=self._claiming)
        if not self._claiming:
            lane.give_back()
            self._on_change()

    def _look_every(self) -> float:
        woken = self.hears and not self._upkeep.lacking
        return self._poll if woken else min(self._poll, UNWOKEN)

    async def _reconcile(self, conn: Conn, identity: UUID) -> None:
        shut = self.lanes.shut_out()
        tables, locked = await self._probes.held(conn, identity, shut)
        if any(held.cancellations for held in tables.values()):
            self._cancellations.ask()
            self.nudge()
        locked |= await reconcile(
            self.lanes, tables, conn, identity, lambda: self._identity == identity
        )
        for place in locked:
            self.lanes[place].shut()
        soon = TROUBLE if shut | locked else SELDOM * self._poll
        self._reconcile_at = self._loop.time() + soon
