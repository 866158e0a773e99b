"""Shut a worker down: let its jobs end, interrupt them, and leave behind what does not end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, NoReturn
from uuid import UUID

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.executor import exit_now, start_own_task
from jobgen_runtime.supervisor.deferred_release import start_deferred_release
from jobgen_runtime.supervisor.signals import ShutdownSignals
from jobgen_runtime.worker import Worker

log = logging.getLogger("jobgen.worker")

INTERRUPT_SECONDS = 5.0
"""How long interrupted jobs may take to end and the database to store their completions."""


async def shut_down(worker: Worker, signals: ShutdownSignals, *, grace: float) -> None:
    """Stop claiming, and return once the worker is drained or has taken too long.

    Args:
        worker: The worker. Its `drained` tells afterwards which of the two it was.
        signals: The requests to shut down; a forced one ends the grace period.
        grace: Seconds that running jobs may take to end before they are interrupted.
    """
    lanes, loop = worker.lanes, asyncio.get_running_loop()
    grace_ends_at = loop.time() + grace
    worker.stop_claiming()
    lanes.end_never_started()
    signals.log_request()
    if running := lanes.count_running():
        jobs = counted(running, "running job")
        log.info("shutting down: waiting up to %g s for %s", grace, jobs)
        await _wait_until_drained(worker, grace, signals.forced.wait())
    if running := lanes.count_running():
        log.warning("interrupting and releasing %s", counted(running, "running job"))
        worker.interrupt()
    await _wait_until_drained(worker, INTERRUPT_SECONDS / 2)
    if not lanes.count_running() and not worker.drained.is_set():
        # All jobs have ended, but the database does not answer: try other connections.
        worker.abort_connections()
    await _wait_until_drained(worker, INTERRUPT_SECONDS / 2)
    if lanes.unwritten():
        # Waiting, as for a lock to be released, costs less than running these jobs again.
        await _wait_until_drained(worker, grace_ends_at - loop.time(), signals.forced.wait())


def exit_undrained(
    worker: Worker, conninfo: str, worker_id: UUID | None, *, problem: str | None, code: int
) -> NoReturn:
    """Exit at once, because threads, tasks or the database do not finish.

    Args:
        worker: The worker, whose jobs are released once this process is gone.
        conninfo: The connection string of the database.
        worker_id: The id under which it has claimed them; None if it had none.
        problem: Why completions cannot be written; None if they can, as far as is known.
        code: The exit code.
    """
    lanes = worker.lanes
    if running := lanes.count_running():
        reason = f"{counted(running, 'job')} did not end"
    elif problem:
        reason = f"completions cannot be written ({problem})"
    else:
        reason = "the ends of jobs could not be written"
    log.warning("%s: exiting anyway; the jobs are released after the exit", reason)
    if worker_id is not None:
        tables = [(lane.queue.table.schema, lane.queue.table.name) for lane in lanes]
        start_deferred_release(conninfo, worker_id, tables, lanes.unwritten())
    exit_now(code)


async def _wait_until_drained(
    worker: Worker, seconds: float, *unless: Coroutine[Any, Any, object]
) -> None:
    """Wait until no job runs and all completions are written, for at most `seconds`.

    The wait also ends when one of `unless` is done.
    """
    futures = [start_own_task(each) for each in (worker.drained.wait(), *unless)]
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for future in futures:
        future.cancel()
