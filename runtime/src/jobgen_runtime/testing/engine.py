"""Run due jobs one after the other, as a worker does: claim, execute, complete."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from types import new_class
from typing import Any, cast
from uuid import uuid4

from psycopg.pq import TransactionStatus

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.transitions import Fail, Retry, Transition
from jobgen_runtime.control import fetch_unregistered_kinds
from jobgen_runtime.database import connection
from jobgen_runtime.executor import Deadline, ThreadRunner
from jobgen_runtime.job import Job
from jobgen_runtime.project import project_hooks
from jobgen_runtime.queue import Claim, UnreadableRow
from jobgen_runtime.replay.attempt import RecordingRunner
from jobgen_runtime.replay.debugger import job_frames
from jobgen_runtime.testing.drained import Drained, DrainedJob
from jobgen_runtime.testing.due import first_due_table, make_due_now
from jobgen_runtime.testing.errors import DrainLimitReached, JobNotSucceeded, TestingError
from jobgen_runtime.testing.kinds import job_table
from jobgen_runtime.testing.ticks import TestSchedules
from jobgen_runtime.worker.attempts import note_arrival
from jobgen_runtime.worker.completer import complete
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

LONGEST_LISTED_KINDS = 5
"""Kinds that the error about too many jobs names."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a drain runs jobs.

    Attributes:
        raise_errors: Whether it ends with what a job raises.
        limit: The most attempts to run.
    """

    raise_errors: bool
    limit: int


class Engine:
    """Run the due jobs of some kinds, one at a time, in the order in which they became due.

    Attributes:
        error: What the last job raised, if the drain is to raise that; None otherwise.
    """

    def __init__(
        self, jobs: Sequence[type[Job[Any]]], executor: Executor | None, options: Options
    ) -> None:
        """Prepare to run jobs; there must be a running event loop.

        Args:
            jobs: The job classes.
            executor: Where synchronous jobs run; None for a thread of each kind.
            options: How to run them.
        """
        self.error: BaseException | None = None
        self._deadline = Deadline()
        self._options = options
        self._worker = uuid4()
        self._kinds = {job_table(each).qualified_name: each for each in jobs}
        self._lanes = Lanes(
            [Lane(_in_this_process(j), WorkerEvents(), self._deadline) for j in jobs]
        )
        self._runners: dict[str, RecordingRunner] = {}
        for lane in self._lanes:
            self._runners[lane.table] = lane.runners.regular = _runner(lane, executor)
            lane.tally = _Written()
        self._schedules = TestSchedules(jobs, self._worker)
        self._drained: list[DrainedJob] = []
        self._held_back: set[str] = set()

    async def run(self) -> Drained:
        """Run what is due until nothing is, or until there is an error to raise.

        Raises:
            DrainLimitReached: More than `limit` jobs were due, one after the other.
        """
        await self._schedules.define()
        while self.error is None and (lane := await self._next_lane()) is not None:
            if len(self._drained) >= self._options.limit:
                raise self._too_many()
            claims = await self._claim(lane)
            if claims:
                await self._run(lane, claims[0])
            else:
                self._held_back.add(lane.table)
        return Drained(self._drained)

    async def require_registered(self) -> None:
        """Raise an error if jobs wait in a table whose class the project does not register.

        Raises:
            TestingError: They do.
        """
        tables = [lane.queue.table for lane in self._lanes]
        async with connection() as conn:
            found = await fetch_unregistered_kinds(conn, tables)
        if found:
            raise TestingError(
                " ".join(each.problem for each in found),
                hint="Add the class to the list `workers` of its application, or name the classes "
                "to run: drain(kinds=[…]).",
            )

    def close(self) -> None:
        """Release what the engine has."""
        self._lanes.close()
        self._deadline.close()

    async def _next_lane(self) -> Lane | None:
        await self._schedules.tick()
        open_lanes = [lane for lane in self._lanes if lane.table not in self._held_back]
        if not open_lanes:
            return None
        tables = [lane.queue.table for lane in open_lanes]
        async with connection() as conn:
            if conn.info.transaction_status != TransactionStatus.IDLE:
                await make_due_now(conn, tables)
            table = await first_due_table(conn, tables)
        return None if table is None else self._lanes[table]

    async def _claim(self, lane: Lane) -> list[Claim]:
        async with connection() as conn:
            if lane.job.strict_order:
                return await lane.queue.claim_strict(conn, self._worker)
            return await lane.queue.claim(conn, self._worker, 1)

    async def _run(self, lane: Lane, claim: Claim) -> None:
        runner, written = self._runners[lane.table], cast("_Written", lane.tally)
        runner.error = written.transition = None
        record = claim.record
        note_arrival([claim], asyncio.get_running_loop().time())
        lane.dispatch([claim])
        await self._lanes.wait_for_running()
        async with connection() as conn:
            await complete(lane, conn)
        transition = written.transition
        if transition is None:
            if lane.claims.refused_completions:
                raise TestingError(
                    f"The database refuses to store how {lane.name} {claim.id} has ended.",
                    hint="The log has its reason: a trigger, a constraint or a policy.",
                )
            return  # The job's row is gone, or was taken from it.
        attempt = claim.attempt
        outcome = attempt.outcome if attempt is not None else None
        delay = transition.delay if isinstance(transition, Retry | SnoozeFor) else None
        drained = DrainedJob(
            self._kinds[lane.table],
            claim.id,
            claim.attempts,
            outcome or AttemptOutcome.SUCCEEDED,
            delay,
            runner.error,
            None if isinstance(record, UnreadableRow) else record,
            transition.error if isinstance(transition, Retry | Fail) else "",
        )
        self._drained.append(drained)
        self.error = self._error_to_raise(drained)

    def _error_to_raise(self, drained: DrainedJob) -> BaseException | None:
        """Return the error to raise after an attempt; None to go on."""
        error = drained.error
        is_meant_for_caller = error is not None and not isinstance(
            error, Exception | asyncio.CancelledError
        )
        has_failed = drained.outcome in {AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT}
        if not is_meant_for_caller and not (self._options.raise_errors and has_failed):
            return None
        note = f"Raised by {drained.job.__name__} {drained.id} in attempt {drained.attempt}"
        limit = drained.job.max_attempts
        note += f" of {limit}; a worker " if limit > 1 else "; a worker "
        note += "would retry it." if drained.retry_in is not None else "would not retry it."
        note += " To go on after errors: drain(raise_errors=False)."
        if error is None or isinstance(error, asyncio.CancelledError):
            text = drained.last_error.strip() or "The job was interrupted."
            return JobNotSucceeded(text, hint=note)
        error.add_note(note)
        return error.with_traceback(job_frames(error.__traceback__) or error.__traceback__)

    def _too_many(self) -> DrainLimitReached:
        counts = Counter(each.job.__name__ for each in self._drained)
        listed = ", ".join(
            f"{name} {number}" for name, number in counts.most_common(LONGEST_LISTED_KINDS)
        )
        snoozed = sum(each.outcome is AttemptOutcome.SNOOZED for each in self._drained)
        more = f" {counted(snoozed, 'attempt')} snoozed." if snoozed else ""
        return DrainLimitReached(
            f"{counted(len(self._drained), 'attempt')} ran, and more jobs are due: {listed}.{more}",
            hint="Perhaps jobs enqueue each other without end. If not: drain(limit=…).",
        )


class _Written:
    """Keep the transition that was written last."""

    def __init__(self) -> None:
        self.transition: Transition | None = None

    def note(self, transition: Transition, claims: Collection[Claim]) -> None:
        """Note that the transition is in the database."""
        if claims:
            self.transition = transition


def _in_this_process(job: type[Job[Any]]) -> type[Job[Any]]:
    """Return the class; one whose jobs do not run in a separate process, if they would."""
    if job.isolation is None:
        return job
    options: dict[str, Any] = {"__module__": job.__module__, "isolation": None}
    derived = new_class(job.__name__, (job,), exec_body=lambda body: body.update(options))
    return cast("type[Job[Any]]", derived)


def _runner(lane: Lane, executor: Executor | None) -> RecordingRunner:
    runner = lane.runners.regular
    if isinstance(runner, ThreadRunner) and executor is not None:
        runner.close()
        hooks = cast("Sequence[object]", project_hooks())
        runner = ThreadRunner(lane.job, 1, hooks, executor)
    return RecordingRunner(runner)
