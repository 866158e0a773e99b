"""Run one worker process: start-up, lease, shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from typing import Any
from uuid import UUID

from jobgen_runtime.contract.clock import now
from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.database import close_pool, close_pool_sync, database_url
from jobgen_runtime.database.address import expect_slots
from jobgen_runtime.database.worker_connection import WorkerConnection, worker_session_settings
from jobgen_runtime.database.worker_sessions import worker_conninfo
from jobgen_runtime.executor import (
    Deadline,
    LoopWatch,
    disarm_hooks_and_timers,
    guard_loop,
    guard_process,
    hide_from_forks,
    start_own_task,
)
from jobgen_runtime.heartbeat import Heartbeat, LeaseHolder, RescueTarget, WorkerRegistry
from jobgen_runtime.job import Job
from jobgen_runtime.metrics import ProcessMetrics
from jobgen_runtime.preflight import check_start
from jobgen_runtime.retention import Retention, RetentionTarget
from jobgen_runtime.supervisor.channel import SupervisorChannel
from jobgen_runtime.supervisor.drain_result import find_undone
from jobgen_runtime.supervisor.health import HealthSigns
from jobgen_runtime.supervisor.inspection import Inspection, request_inspection
from jobgen_runtime.supervisor.recycling import Recycling
from jobgen_runtime.supervisor.settings import WorkerSettings
from jobgen_runtime.supervisor.shutdown import INTERRUPT_SECONDS, exit_undrained, shut_down
from jobgen_runtime.supervisor.signals import ShutdownSignals
from jobgen_runtime.supervisor.threads import call_in_loop, run_in_own_thread
from jobgen_runtime.worker import Worker
from jobgen_runtime.worker.events import WorkerObserver
from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")

STOP_DELETING_SECONDS = 1.0
"""How long a statement that deletes old jobs may delay the end of the process."""


class WorkerProcess(LeaseHolder, WorkerObserver):
    """Run the jobs of one process until it is asked to shut down.

    It is the LeaseHolder of its heartbeat and the WorkerObserver of its worker, and connects the
    two. The heartbeat calls it from other threads.
    """

    def __init__(
        self,
        jobs: Sequence[type[Job[Any]]],
        settings: WorkerSettings,
        signs: HealthSigns,
        supervisor: SupervisorChannel | None,
        *,
        registered: Sequence[type[Job[Any]]] = (),
        metrics: ProcessMetrics | None = None,
    ) -> None:
        """Prepare to run `jobs`.

        Args:
            jobs: The job classes to run, one for each table.
            settings: How to run them.
            signs: Where this process records its signs of life.
            supervisor: The channel to the supervisor; None for a process without one.
            registered: All job classes of the project, to log job tables that belong to none of
                them; empty to log none.
            metrics: Measures this process; None to measure nothing.
        """
        url = database_url()
        self._jobs = jobs
        self._settings = settings
        self._signs = signs
        self._supervisor = supervisor
        self._shutdown = ShutdownSignals(supervisor)
        self._conninfo = worker_conninfo(url, role="work")
        session = worker_session_settings(settings.intervals.expires_after)
        self._connection = WorkerConnection(self._conninfo, settings=session)
        self._completion_connection = WorkerConnection(
            worker_conninfo(url, role="write"), settings=session, quiet=True
        )
        self._schedule_connection = WorkerConnection(
            worker_conninfo(url, role="schedule"), settings=session, quiet=True
        )
        self._deadline = Deadline()
        self._worker = Worker(
            jobs,
            self._connection,
            completion_connection=self._completion_connection,
            schedule_connection=self._schedule_connection,
            poll=settings.poll,
            observer=self,
            deadline=self._deadline,
            registered=registered,
        )
        self._tally = self._worker.drain() if settings.drain else None
        self._recycling: Recycling | None = None
        if not settings.drain and (settings.max_jobs or settings.max_rss):
            self._recycling = Recycling(
                max_jobs=settings.max_jobs,
                max_rss=settings.max_rss,
                clock=asyncio.get_running_loop().time,
            )
            self._worker.count_jobs(self._recycling)
        self._metrics = metrics
        if metrics is not None:
            metrics.attach(self._worker, worker_conninfo(url, role="metrics"))
        lanes = self._worker.lanes
        expect_slots(sum(lane.slots for lane in lanes))
        self._loop_watch = LoopWatch(asyncio.get_running_loop(), is_idle=self.is_idle)
        self._inspection = Inspection(lanes, asyncio.get_running_loop())
        self._is_lease_acquired = asyncio.Event()
        self._exit_code = 0
        self._loop = asyncio.get_running_loop()
        self._heartbeat = Heartbeat(
            worker_conninfo(url, role="heartbeat"),
            WorkerRegistry(
                [lane.queue.table for lane in lanes],
                expires_after=settings.intervals.expires_after,
                version=version("jobgen-runtime"),
            ),
            [
                RescueTarget(
                    lane.queue, lane.job.max_attempts, lane.job.global_concurrency is not None
                )
                for lane in lanes
            ],
            settings.intervals,
            self,
        )
        self._retention = Retention(
            worker_conninfo(url, role="delete"),
            # A worker that drains is to end soon.
            [] if settings.drain else _retention_targets(lanes),
        )

    async def run(self) -> int:
        """Run until the end of a shutdown or of a drain, or until a fresh process is due.

        Returns:
            The exit code: 0, or 1 after an error of the worker itself, or if `drain` is set and a
            job has failed.

        Raises:
            JobgenRuntimeError: The worker cannot start.
        """
        self._keep_forks_apart()
        self._shutdown.install()
        self._inspection.start()
        tasks: list[asyncio.Task[None]] = []
        try:
            if await self._wait_for_any(self._check_start()):
                worker = self._worker
                coroutines = (worker.run(), worker.completer.run(), worker.scheduler.run())
                tasks = [start_own_task(coroutine) for coroutine in coroutines]
                self._heartbeat.start()
                self._retention.start()
                self._loop_watch.start()
                await self._work(tasks)
                await self._shut_down()
                if self._tally is not None:
                    if await self._is_incomplete():
                        self._exit_code = 1
                    log.info("drained: %s", self._tally)
            else:
                self._shutdown.log_request()
        except JobgenRuntimeError:
            raise
        except asyncio.CancelledError:
            self._exit_code = 1
            await self._shut_down_cancelled(tasks)
        except Exception:
            # Logged here, because `_close` may end the process.
            log.exception("the worker failed with an internal error: shutting down")
            self._exit_code = 1
        finally:
            await self._close(tasks)
        return self._exit_code

    async def _check_start(self) -> None:
        if self._recycling is not None:
            self._recycling.check_start()
        await check_start(self._connection, self._jobs, waits=self._settings.wait_for_schema)

    async def _is_incomplete(self) -> bool:
        """Return whether a drain has left anything undone, or jobs have failed; log the former."""
        lanes = self._worker.lanes
        # The worker still waits for notifications over its connection: it would take the answer.
        found = await find_undone(lanes, self._completion_connection)
        for line in found:
            log.error("%s", line)
        return bool(found or lanes.count_failures())

    def on_lease_acquired(self, worker_id: UUID) -> None:
        """Let the worker claim jobs as `worker_id`. Called in the heartbeat's thread."""
        call_in_loop(self._loop, self._start_claiming, worker_id)

    def on_lease_extended(self, until: float) -> None:
        """Let job processes run until `until`. Called in the heartbeat's thread."""
        self._deadline.set(until)
        self._signs.heartbeat = until - self._settings.intervals.exit_after

    def on_lease_lost(self) -> None:
        """Make the worker cancel all running jobs. Called in a thread of the heartbeat."""
        call_in_loop(self._loop, self._worker.on_lease_lost)

    def on_registration_problem(self, reason: str | None) -> None:
        """Report the problem as this process's health. Called in the heartbeat's thread."""
        self._signs.registration_problem = reason

    def is_idle(self) -> bool:
        """Return whether no job runs and no completion is pending. Called in any thread."""
        return self._worker.lanes.hold_nothing()

    def on_tick(self) -> None:
        """Record that the worker is alive. Called by the worker."""
        self._signs.tick = now()
        self._shutdown.restore_handlers()

    def on_inspection_request(self) -> None:
        """Log what runs. Called by the worker."""
        request_inspection()

    def on_completion_problem(self, reason: str | None) -> None:
        """Report the problem as this process's health. Called by the worker."""
        self._signs.completion_problem = reason

    def on_lease_cleared(self) -> None:
        """Let the heartbeat acquire a new lease. Called by the worker."""
        self._heartbeat.on_lease_cleared()

    def _start_claiming(self, worker_id: UUID) -> None:
        self._worker.on_lease_acquired(worker_id)
        self._is_lease_acquired.set()

    async def _work(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Run until a shutdown is requested, a drain has ended or a fresh process is due.

        Raises:
            Exception: The error of one of the tasks.
        """
        if await self._wait_for_any(self._wait_until_ready(), tasks=tasks):
            log.info("ready: %s", ", ".join(map(str, self._worker.lanes)))
            if self._supervisor is not None:
                self._supervisor.report_ready()
            ends = [self._worker.idle.wait()] if self._settings.drain else []
            if self._recycling is not None:
                ends.append(self._recycling.due.wait())
            if await self._wait_for_any(*ends, tasks=tasks):
                self._report_recycling()

    def _report_recycling(self) -> None:
        if self._recycling is not None and self._recycling.reason is not None:
            log.info("%s: shutting down for a fresh process", self._recycling.reason)
            if self._supervisor is not None:
                self._supervisor.report_recycling()

    async def _wait_until_ready(self) -> None:
        await self._is_lease_acquired.wait()
        await self._worker.listener.settled.wait()
        await self._worker.completions.opened.wait()

    async def _wait_for_any(
        self, *waits: Coroutine[Any, Any, object], tasks: Sequence[asyncio.Task[None]] = ()
    ) -> bool:
        """Wait until one of the coroutines or tasks is done, or a shutdown is requested.

        The tasks continue; the coroutines are cancelled.

        Returns:
            False if a shutdown was requested.

        Raises:
            Exception: The error of the one that is done.
        """
        futures = [start_own_task(each) for each in (self._shutdown.graceful.wait(), *waits)]
        done, _ = await asyncio.wait([*futures, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for future in futures:
            future.cancel()
        for future in done:
            future.result()
        return not self._shutdown.graceful.is_set()

    async def _shut_down(self) -> None:
        self._retention.request_stop()
        await shut_down(self._worker, self._shutdown, grace=self._settings.grace)

    def _keep_forks_apart(self) -> None:
        """Keep the processes that jobs fork from acting as this one."""
        guard_process()
        guard_loop(self._loop)
        connections = (self._connection, self._completion_connection, self._schedule_connection)
        hide_from_forks(*connections, self._heartbeat, self._retention)
        if self._supervisor is not None:
            hide_from_forks(self._supervisor)

    async def _shut_down_cancelled(self, tasks: list[asyncio.Task[None]]) -> None:
        """Shut down because a job or a library has cancelled the tasks of this worker."""
        log.error(
            "the worker's own tasks were cancelled by a job, or by a library that it uses: "
            "shutting down"
        )
        main = asyncio.current_task()
        while main is not None and main.cancelling():
            main.uncancel()
        if not tasks:
            return
        # A statement may have been in progress.
        self._worker.abort_connections()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=INTERRUPT_SECONDS)
        for number, run in enumerate((self._worker.run, self._worker.completer.run)):
            if tasks[number].done():
                tasks[number] = start_own_task(run())
        await self._shut_down()

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        self._loop_watch.stop()
        disarm_hooks_and_timers()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=INTERRUPT_SECONDS)
        worker_id = self._heartbeat.lease.worker_id
        is_drained = not tasks or self._worker.drained.is_set()
        if tasks:
            stop = partial(self._heartbeat.stop, timeout=INTERRUPT_SECONDS, deregister=is_drained)
            await run_in_own_thread(stop)
            await run_in_own_thread(partial(self._retention.stop, timeout=STOP_DELETING_SECONDS))
        if self._metrics is not None:
            await run_in_own_thread(partial(self._metrics.stop, timeout=STOP_DELETING_SECONDS))
            if self._supervisor is not None:
                self._supervisor.send_counts()
        if not is_drained:
            exit_undrained(
                self._worker,
                self._conninfo,
                worker_id,
                problem=self._signs.completion_problem,
                code=self._exit_code,
            )
        self._worker.lanes.close()
        self._deadline.close()
        for connection in (
            self._connection,
            self._completion_connection,
            self._schedule_connection,
        ):
            await connection.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await close_pool()
        close_pool_sync()
        # Processes of jobs die with this one: they write what they have collected, such as spans.
        with suppress(TimeoutError):
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await self._worker.lanes.wait_closed()
        log.info("shut down")


def _retention_targets(lanes: Lanes) -> list[RetentionTarget]:
    return [
        RetentionTarget(
            lane.name,
            lane.queue.table,
            lane.job.keep,
            lane.job.keep_failed,
            lane.queue.endings.keeps_attempts,
        )
        for lane in lanes
        if lane.job.keep is not None or lane.job.keep_failed is not None
    ]
