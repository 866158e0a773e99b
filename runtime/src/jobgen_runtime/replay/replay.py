"""Run one job as a worker does: registered, claimed, completed."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from types import new_class
from typing import Any, cast
from uuid import UUID

from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.errors import JobgenRuntimeError, JobRunning
from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.database import close_pool, close_pool_sync, database_url
from jobgen_runtime.database.worker_connection import WorkerConnection, worker_session_settings
from jobgen_runtime.database.worker_sessions import worker_conninfo
from jobgen_runtime.executor import (
    Deadline,
    exit_now,
    guard_loop,
    guard_process,
    hide_from_forks,
    start_own_task,
)
from jobgen_runtime.heartbeat import (
    Heartbeat,
    Intervals,
    LeaseHolder,
    RescueTarget,
    WorkerRegistry,
)
from jobgen_runtime.job import Job
from jobgen_runtime.queue import Claim
from jobgen_runtime.replay.attempt import Ending, RecordingRunner, explaining_refusal
from jobgen_runtime.supervisor.threads import call_in_loop, run_in_own_thread
from jobgen_runtime.worker.completer import Completer
from jobgen_runtime.worker.completion_connection import CompletionConnection
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.failover import FailoverGuard
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.tally import Tally

log = logging.getLogger("jobgen.worker")

STOP_SECONDS = 5.0
"""How long the database may take to answer at the end."""

POLL_SECONDS = 0.2
"""Seconds between two checks whether the database refuses the completion."""

INTERRUPTED_EXIT_CODE = 130


def replayed_class(job: type[Job[Any]], *, has_ended: bool, has_timeout: bool) -> type[Job[Any]]:
    """Return the class with the options that it has in the foreground.

    Args:
        job: The job class.
        has_ended: Whether the job had ended before. Then it is not retried: what it does now was
            asked for once.
        has_timeout: Whether the timeout holds. In a debugger it would end the attempt.
    """
    options: dict[str, Any] = {"__module__": job.__module__, "__doc__": job.__doc__}
    if job.expires_after is not None:
        options["expires_after"] = None
    if job.isolation is not None:
        options["isolation"] = None
    if has_ended:
        options["max_attempts"] = 0
    if not has_timeout:
        options["timeout"] = None
    derived = new_class(job.__name__, (job,), exec_body=lambda body: body.update(options))
    return cast("type[Job[Any]]", derived)


class Replay(LeaseHolder):
    """Run one job in this process, as its own worker.

    It registers, renews its lease and completes the job like any worker. So if this process dies,
    others take the job over, and if it is cut off, it interrupts the job.
    """

    def __init__(self, job: type[Job[Any]]) -> None:
        """Prepare to run a job of this class; there must be a running event loop.

        Raises:
            NoDatabase: No database is configured, or its address is invalid.
        """
        url, intervals = database_url(), Intervals()
        self._loop = asyncio.get_running_loop()
        self._events = WorkerEvents()
        self._deadline = Deadline()
        self._lane = lane = Lane(job, self._events, self._deadline)
        self._lanes = Lanes([lane])
        self._runner = RecordingRunner(lane.runners.regular)
        lane.runners.regular = self._runner
        self._ending = lane.tally = _LastTransition()
        session = worker_session_settings(intervals.expires_after)
        self._connection = WorkerConnection(worker_conninfo(url, role="run"), settings=session)
        self._completion_connection = WorkerConnection(
            worker_conninfo(url, role="write"), settings=session, quiet=True
        )
        self._completions = CompletionConnection(
            self._completion_connection,
            on_change=lambda _reason: None,
            is_outage_known=lambda: False,
        )
        self._completer = Completer(
            self._lanes, self._completions, FailoverGuard(self._lanes), self._events
        )
        self._worker_id: asyncio.Future[UUID] = self._loop.create_future()
        self._is_lost = False
        self._signals = 0
        self._ends_at_interrupt = job.max_attempts == 0
        self._heartbeat = Heartbeat(
            worker_conninfo(url, role="heartbeat"),
            WorkerRegistry(
                [lane.queue.table],
                expires_after=intervals.expires_after,
                version=version("jobgen-runtime"),
            ),
            [RescueTarget(lane.queue, job.max_attempts, job.global_concurrency is not None)],
            intervals,
            self,
        )

    async def run(self, job_id: UUID) -> Ending:
        """Run the job, and write its end as a worker does.

        Raises:
            JobRunning: A worker has claimed the job meanwhile.
            JobgenRuntimeError: The worker cannot be registered, or the end cannot be stored.
        """
        guard_process()
        guard_loop(self._loop)
        hide_from_forks(self._connection, self._completion_connection, self._heartbeat)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._on_signal)
        completer = start_own_task(self._completer.run())
        self._heartbeat.start()
        try:
            return await self._run(job_id)
        finally:
            await self._close(completer)

    async def _run(self, job_id: UUID) -> Ending:
        lane = self._lane
        conn = await self._connection.connection(first=True)
        await self._completions.opened.wait()
        worker = await self._worker_id
        with explaining_refusal(job_id):
            claim = await lane.queue.claim_job(conn, worker, job_id)
        if claim is None:
            raise JobRunning(f"The job {job_id} of {lane.table} is running.")
        lane.dispatch([claim])
        while self._ending.transition is None:
            if self._is_lost and not lane.claims.running:
                return Ending("lost: other workers may take it over", 1, self._runner.error)
            if lane.claims.refused_completions:
                raise JobgenRuntimeError(
                    f"The database refuses to store how the job {job_id} has ended.",
                    hint="`manage-jobs status` shows the reason. Workers try again.",
                )
            if not self._lanes.hold_nothing() or self._is_lost:
                await self._ending.wait(POLL_SECONDS)
                continue
            return Ending("no longer belonged to this process when it ended", 1, self._runner.error)
        return Ending(*_describe(self._ending.transition), self._runner.error)

    async def _close(self, completer: asyncio.Task[None]) -> None:
        completer.cancel()
        await asyncio.wait([completer], timeout=STOP_SECONDS)
        is_done = self._lanes.hold_nothing()
        await run_in_own_thread(
            partial(self._heartbeat.stop, timeout=STOP_SECONDS, deregister=is_done)
        )
        self._lanes.close()
        self._deadline.close()
        for connection in (self._connection, self._completion_connection):
            await connection.close()
        await close_pool()
        close_pool_sync()

    def _on_signal(self) -> None:
        self._signals += 1
        if self._signals > 1:
            log.warning("the job still runs: exiting; other workers take it over in a minute")
            exit_now(INTERRUPTED_EXIT_CODE)
        if not self._ends_at_interrupt:
            self._lanes.interrupt()
            return
        # Released, a job that had ended would wait for a worker.
        for execution in list(self._lane.claims.running.values()):
            execution.cancel()

    # Called by the heartbeat, in its threads.

    def on_lease_acquired(self, worker_id: UUID) -> None:
        """Let the job be claimed as `worker_id`."""
        call_in_loop(self._loop, self._registered, worker_id)

    def on_lease_extended(self, until: float) -> None:
        """Let job processes run until `until`."""
        self._deadline.set(until)

    def on_lease_lost(self) -> None:
        """Interrupt the job, which others may take over."""
        call_in_loop(self._loop, self._lose)

    def on_registration_problem(self, reason: str | None) -> None:
        """End the command if this process cannot be registered."""
        if reason is not None:
            call_in_loop(self._loop, self._refuse, reason)

    def is_idle(self) -> bool:
        """Return whether the job does not run."""
        return self._lanes.hold_nothing()

    def _registered(self, worker_id: UUID) -> None:
        if not self._worker_id.done():
            self._worker_id.set_result(worker_id)

    def _refuse(self, reason: str) -> None:
        if not self._worker_id.done():
            self._worker_id.set_exception(
                JobgenRuntimeError(f"This process cannot be registered as a worker: {reason}")
            )

    def _lose(self) -> None:
        self._is_lost = True
        self._lanes.drop_claims()


class _LastTransition(Tally):
    """Keep the transition that was written."""

    def __init__(self) -> None:
        self.transition: Transition | None = None
        self._written = asyncio.Event()

    def note(self, transition: Transition, claims: Collection[Claim]) -> None:
        """Note that the transition is in the database."""
        if claims:
            self.transition = transition
            self._written.set()

    async def wait(self, seconds: float) -> None:
        """Wait until a transition is written, for `seconds` at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._written.wait(), seconds)


def _describe(transition: Transition) -> tuple[str, int]:
    match transition:
        case Succeed():
            return "succeeded", 0
        case Retry(_, delay):
            return f"failed; workers retry it in {duration_text(delay)}", 1
        case Fail(JobStatus.TIMED_OUT, _):
            return "timed out, and is not retried", 1
        case Fail():
            return "failed, and is not retried", 1
        case SnoozeFor(delay):
            return f"snoozed for {duration_text(delay)}", 0
        case Release():
            return "interrupted; workers run it again", INTERRUPTED_EXIT_CODE
