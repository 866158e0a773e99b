"""One worker process's life: start-up, signals, and the end."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Any
from uuid import UUID

from jobgen_runtime.contract import JobgenRuntimeError
from jobgen_runtime.contract.clock import now
from jobgen_runtime.database import close_pool, close_pool_sync, database_url
from jobgen_runtime.database.worker_connection import (
    WorkerConnection,
    worker_conninfo,
    worker_session_settings,
)
from jobgen_runtime.executor import Deadline
from jobgen_runtime.job import Job
from jobgen_runtime.queue import Registry
from jobgen_runtime.recovery import Recovery, Rescued
from jobgen_runtime.supervisor.afterwards import schedule
from jobgen_runtime.supervisor.check import check_start
from jobgen_runtime.supervisor.orders import Orders, call_in
from jobgen_runtime.supervisor.parent import Parent
from jobgen_runtime.supervisor.settings import Settings
from jobgen_runtime.supervisor.vitals import Vitals
from jobgen_runtime.worker import Worker

log = logging.getLogger("jobgen.worker")

RELEASE = 5.0
"""Seconds that cancelled jobs have to end, and the database to take in their ends."""


class Supervisor:
    """Runs the jobs of one process until it is told to end.

    Notes in `vitals` that it is alive. `parent`: of a process that is one of several.
    """

    def __init__(
        self,
        jobs: Sequence[type[Job[Any]]],
        settings: Settings,
        vitals: Vitals,
        parent: Parent | None,
    ) -> None:
        url = database_url()
        self._jobs = jobs
        self._settings = settings
        self._vitals = vitals
        self._parent = parent
        self._orders = Orders(parent)
        self._conninfo = worker_conninfo(url, role="work")
        self._link = WorkerConnection(self._conninfo, settings=worker_session_settings())
        self._writing = WorkerConnection(
            worker_conninfo(url, role="write"), settings=worker_session_settings(), quiet=True
        )
        self._deadline = Deadline()
        self._worker = Worker(
            jobs,
            self._link,
            completion_connection=self._writing,
            poll=settings.poll,
            observer=self,
            deadline=self._deadline,
        )
        self._tables = [lane.queue.table for lane in self._worker.lanes]
        self._admitted = asyncio.Event()
        self._code = 0
        loop = self._loop = asyncio.get_running_loop()
        self._recovery = Recovery(
            worker_conninfo(url, role="heartbeat"),
            Registry(
                self._tables,
                lifetime=settings.intervals.lifetime,
                version=version("jobgen-runtime"),
            ),
            [
                Rescued(lane.queue, lane.job.max_attempts, lane.job.global_concurrency is not None)
                for lane in self._worker.lanes
            ],
            settings.intervals,
            admit=lambda identity: call_in(loop, self._admit, identity),
            lose=lambda: call_in(loop, self._worker.on_lease_lost),
            extend=self._extend,
            idle=self._worker.lanes.hold_nothing,
        )

    async def run(self) -> int:
        """The process's exit code: 0, or 1 if `drain` was asked for and a job failed."""
        self._orders.heed()
        tasks: list[asyncio.Task[None]] = []
        try:
            if await self._first(check_start(self._link, self._jobs)):
                parts = (self._worker.run(), self._worker.completer.run())
                tasks = [self._loop.create_task(part) for part in parts]
                self._recovery.start()
                await self._work(tasks)
                await self._shut_down()
            else:
                self._orders.log_shutdown()
        except JobgenRuntimeError:
            raise
        except Exception:
            # Said here: the end below may be an abrupt one.
            log.exception("an error in the worker itself")
            self._code = 1
        finally:
            await self._close(tasks)
        if self._settings.drain and self._worker.lanes.count_failures() > 0:
            return 1
        return self._code

    async def _work(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Until a signal, or the end of a drain. Raises an error of the runtime itself."""
        if await self._first(self._ready(), tasks=tasks):
            log.info("ready: %s", ", ".join(map(str, self._worker.lanes)))
            if self._parent is not None:
                self._parent.ready()
            end = [self._worker.idle.wait()] if self._settings.drain else []
            await self._first(*end, tasks=tasks)

    async def _ready(self) -> None:
        await self._admitted.wait()
        await self._worker.listener.settled.wait()

    async def _first(
        self, *awaitables: Awaitable[object], tasks: Sequence[asyncio.Task[None]] = ()
    ) -> bool:
        """Waits until one of them or of the tasks is done; False if a signal came first.

        Raises the error of the one that is done. The tasks run on.
        """
        own = [asyncio.ensure_future(a) for a in (self._orders.end.wait(), *awaitables)]
        done, _ = await asyncio.wait([*own, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for future in own:
            future.cancel()
        for future in done:
            future.result()
        return not self._orders.end.is_set()

    async def _shut_down(self) -> None:
        worker, lanes, grace = self._worker, self._worker.lanes, self._settings.grace
        grace_ends = self._loop.time() + grace
        worker.stop_claiming()
        self._orders.log_shutdown()
        if lanes.count_running():
            log.info("ending: up to %g s for %d running", grace, lanes.count_running())
            await self._rest(grace, self._orders.hurry.wait())
        if lanes.count_running():
            log.warning("ending now: %d running are cancelled and put back", lanes.count_running())
            worker.interrupt()
        await self._rest(RELEASE / 2)
        if not lanes.count_running() and not worker.drained.is_set():
            # All has ended, and no answer comes: once more over another connection.
            worker.abort_connections()
        await self._rest(RELEASE / 2)
        if lanes.unwritten():
            # To run it once more costs more than to wait, for a lock's end say.
            await self._rest(grace_ends - self._loop.time(), self._orders.hurry.wait())

    async def _rest(self, seconds: float, *sooner: Awaitable[object]) -> None:
        """Until all has ended and is written, so long at most."""
        waiting = [asyncio.ensure_future(a) for a in (self._worker.drained.wait(), *sooner)]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for future in waiting:
            future.cancel()

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=RELEASE) if tasks else None
        identity = self._recovery.lease.identity
        at_rest = not tasks or self._worker.drained.is_set()
        if tasks:
            await asyncio.to_thread(self._recovery.stop, RELEASE, leave=at_rest)
        if not at_rest:
            self._exit_without_them(identity)
        self._worker.lanes.close()
        self._deadline.close()
        for link in (self._link, self._writing):
            await link.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(RELEASE):
                await close_pool()
        close_pool_sync()
        log.info("ended")

    def _exit_without_them(self, identity: UUID | None) -> None:
        """The end where threads, tasks or the database do not do their part."""
        running = self._worker.lanes.count_running()
        what = f"{running} do not end" if running else "the database does not answer"
        log.warning("%s: this process ends even so, and its jobs are put back", what)
        if identity is not None:
            tables = [(table.schema, table.name) for table in self._tables]
            schedule(self._conninfo, identity, tables, self._worker.lanes.unwritten())
        logging.shutdown()
        sys.stdout.flush()
        os._exit(self._code)

    def _admit(self, identity: UUID) -> None:
        self._worker.on_lease_acquired(identity)
        self._admitted.set()

    def _extend(self, until: float) -> None:
        self._deadline.set(until)
        self._vitals.heartbeat = until - self._settings.intervals.exit

    def on_tick(self) -> None:
        """Note that the worker is alive."""
        self._vitals.turn = now()

    def on_lease_cleared(self) -> None:
        """Let the heartbeat register anew."""
        self._recovery.rest()
