"""Run what is due in the process of a test."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from typing import Any

from jobgen_runtime.database import close_pool
from jobgen_runtime.database.callers import AsyncCallerConnection, CallerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord
from jobgen_runtime.testing.caller_session import (
    driver_connection,
    driver_connection_sync,
    using_caller_session,
)
from jobgen_runtime.testing.caller_thread import executor_of_loop, run_in_caller_thread
from jobgen_runtime.testing.drained import Drained
from jobgen_runtime.testing.engine import Engine, Options
from jobgen_runtime.testing.kinds import drained_jobs

LIMIT = 1000
"""Attempts that a drain runs, unless the caller says otherwise."""

Kind = type[Job[Any]] | type[JobRecord]
_Result = tuple[Drained, BaseException | None]


async def drain(
    conn: AsyncCallerConnection | None = None,
    /,
    *,
    kinds: Sequence[Kind] = (),
    raise_errors: bool = True,
    limit: int = LIMIT,
) -> Drained:
    """Run all due jobs in this process, one after the other, and those that they enqueue.

    Claiming, retries, snoozing, timeouts, expiry, hooks, `on_failed` and schedules are the worker's
    own. An async `perform` runs in the event loop of the caller, a synchronous one in a thread.

    Args:
        conn: A connection whose transaction everything belongs to: of psycopg, or a session or
            connection of SQLAlchemy over psycopg. Records that are given no connection use it,
            too. It is neither committed nor rolled back. None uses the pool, and commits.
        kinds: The job classes, or records, to run; all of the project without them.
        raise_errors: Whether to raise what a job raises, once its row is updated. False leaves
            errors to the result, and goes on.
        limit: The most attempts to run.

    Returns:
        The attempts, in order.

    Raises:
        BaseException: What a job raised.
        JobNotSucceeded: A job timed out.
        DrainLimitReached: There was no end.
        TestingError: There are no jobs to run, or the connection cannot be used.
    """
    __tracebackhide__ = True
    own = None if conn is None else await driver_connection(conn)
    jobs = drained_jobs(kinds)
    options = Options(raise_errors, limit)
    with nullcontext() if own is None else using_caller_session(own):
        drained, error = await _run(jobs, executor_of_loop(), options, of_project=not kinds)
    if error is not None:
        raise error
    return drained


def drain_sync(
    conn: CallerConnection | None = None,
    /,
    *,
    kinds: Sequence[Kind] = (),
    raise_errors: bool = True,
    limit: int = LIMIT,
) -> Drained:
    """Run all due jobs in this process; the synchronous version of `drain`.

    A synchronous `perform` runs in the caller's thread, an async one in an event loop of another
    thread. The connection may be Django's as well.
    """
    __tracebackhide__ = True
    own = None if conn is None else driver_connection_sync(conn)
    jobs = drained_jobs(kinds)

    options = Options(raise_errors, limit)

    async def main(executor: Executor | None) -> _Result:
        try:
            return await _run(jobs, executor, options, of_project=not kinds)
        finally:
            await close_pool()

    with nullcontext() if own is None else using_caller_session(own):
        drained, error = run_in_caller_thread(main)
    if error is not None:
        # Here, so that its traceback begins in the job.
        raise error
    return drained


async def _run(
    jobs: Sequence[type[Job[Any]]],
    executor: Executor | None,
    options: Options,
    *,
    of_project: bool,
) -> _Result:
    engine = Engine(jobs, executor, options)
    try:
        drained = await engine.run()
        if of_project and engine.error is None:
            await engine.require_registered()
        return drained, engine.error
    finally:
        engine.close()
