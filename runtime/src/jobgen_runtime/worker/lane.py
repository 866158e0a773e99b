"""One kind of job on one worker: its slots and the claims it holds."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.outcomes import (
    CANCELLED,
    Cancelled,
    Committed,
    Crashed,
    Failed,
    Interrupted,
    Outcome,
    Succeeded,
)
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.executor import Deadline, Execution, log_as
from jobgen_runtime.job import Job
from jobgen_runtime.queue import Claim, JobQueue, Narrowing, Refusals, UnreadableRow
from jobgen_runtime.record import JobRecord
from jobgen_runtime.retry import decide_transition, log_transition
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.lane_runners import LaneRunners
from jobgen_runtime.worker.pending_completions import PendingCompletions
from jobgen_runtime.worker.prefetch import Cursor, Prefetch
from jobgen_runtime.worker.refused_completions import RefusedCompletions
from jobgen_runtime.worker.refused_jobs import RefusedJobs, without_numbers
from jobgen_runtime.worker.schedule import LaneSchedule
from jobgen_runtime.worker.successors import Successors

log = logging.getLogger("jobgen.job")

START_SECONDS = 0.0005
"""How long jobs are started one after another before the event loop gets its turn: short, so that
the next claim is sent while there is work to do meanwhile."""

MAX_PENDING_COMPLETIONS = 5000
"""Completions that may wait to be written before claiming stops: if the worker dies, these jobs run
again."""

_SUCCEED = Succeed()

_FAILED_OVER = Failed(
    "Another server took over the database after this attempt began. What the attempt wrote may "
    "have been lost with the previous server."
)


class Lane:
    """Run the claims of one kind of job in its slots.

    From its arrival until its completion is written, a claim is in exactly one of `buffer`,
    `running` and `completions`. `held` has them all by key, at most one claim per row. Only a claim
    of a row whose previous attempt still runs here is in none of them: it succeeds that one.
    A claim whose completion the database refuses is in `refused_completions` instead.
    """

    def __init__(self, job: type[Job[Any]], events: WorkerEvents, deadline: Deadline) -> None:
        """Prepare the lane of a job class.

        Args:
            job: The class, whose record is a JobRecord.
            events: Whom to tell when a job has ended.
            deadline: Until when processes of jobs may run.
        """
        record = job.record
        if not issubclass(record, JobRecord):
            raise TypeError(
                f"The record of {job.__qualname__}, {record.__qualname__}, is not a JobRecord."
            )
        self.job = job()
        self.name = job.__name__
        self.slots = min(job.max_concurrency, job.global_concurrency or job.max_concurrency)
        self.queue = JobQueue(record)
        self.narrowing = Narrowing(record)
        self.refusals = Refusals(record.__table__)
        self.table = self.queue.table.qualified_name
        self.buffer: deque[Claim] = deque()
        self.running: dict[Claim, Execution] = {}
        self._loop = asyncio.get_running_loop()
        self.completions = PendingCompletions(self._loop.time)
        self.refused_completions = RefusedCompletions(self._loop.time)
        self.held: dict[str, Claim] = {}
        self.schedule = LaneSchedule(self._loop.time)
        self.refused = RefusedJobs(self._loop.time)
        """The due jobs that the database refuses to start."""
        self.slot_freed = False
        """Whether a slot of global_concurrency is free that other workers do not know of yet."""
        self.failures = 0
        """Attempts that failed or timed out since the start."""
        self.has_crashed = False
        """Whether a suspect has killed its own process since there are any."""
        self.suspects: set[Claim] = set()
        """Held claims of jobs whose last worker died, until their attempt has ended."""
        self._success_statement = self.queue.success_statement()
        self._distrusted: set[Claim] = set()
        self._successors = Successors()
        self._is_stopped = False
        self._fetch_error: str | None = None
        self._completion_error: str | None = None
        self._poll_error: str | None = None
        self._events = events
        self.prefetch = Prefetch()
        self._is_limited = job.global_concurrency is not None
        self._may_prefetch = self.slots > 1 and job.max_attempts > 1 and not self._is_limited
        # No row may be passed over where order is strict or slots are few.
        self.cursor = Cursor(self._loop.time, advances=self._may_prefetch)
        self.runners = LaneRunners(self.job, self.slots, deadline)
        self._is_starting = False
        self._variables = contextvars.copy_context()
        self._is_paused = False

    def __str__(self) -> str:
        everywhere = " over all workers" if self._is_limited else ""
        return f"{self.name} ({self.slots} at once{everywhere})"

    def room(self) -> int:
        """Return how many more jobs the lane can take now."""
        if len(self.completions) + len(self.refused_completions) >= MAX_PENDING_COMPLETIONS:
            return 0
        # With an order or a global limit, a slot is free once the completion is written.
        free = self.slots - len(self.running if self._may_prefetch else self.held)
        ahead = self.prefetch.size(self.slots) if self._may_prefetch else 0
        # A few more are not worth a round trip.
        if ahead and len(self.buffer) > ahead * 3 // 4:
            return 0
        return max(free + ahead - len(self.buffer), 0)

    def fetch_at(self) -> float:
        """Return when to claim next, by the loop's clock."""
        return self.schedule.fetch_at(self.refused.trial_at() if self.refused else math.inf)

    def is_busy(self) -> bool:
        """Return whether jobs run or are about to start."""
        return bool(self.running or self.buffer)

    def count_claimed(self) -> int:
        """Return how many rows should name this worker in the database."""
        committed = sum(run.committed for run in self.running.values())
        return len(self.held) + len(self.refused_completions) - committed

    def dispatch(self, claims: list[Claim], *, start: bool = True, suspects: bool = False) -> None:
        """Take claims in the order in which to start them; start those that find a slot.

        Args:
            claims: The claims.
            start: False to start none of them.
            suspects: Whether the last workers of these jobs died. They start before others.
        """
        ready = claims
        for claim in claims:
            if claim.key in self.held and self._supersede(self.held[claim.key], claim):
                ready = [each for each in ready if each is not claim]
            self.held[claim.key] = claim
            if self.refused_completions:
                self.refused_completions.drop(claim.key)  # Its row was reset by hand.
        if suspects:
            self.suspects.update(claims)
            self.buffer.extendleft(reversed(ready))
        else:
            self.buffer.extend(ready)
        if start:
            self._start()

    def stop(self) -> None:
        """Start no further job, and release what has not started."""
        self._is_stopped = True
        self.release_buffered()

    def set_paused(self, is_paused: bool) -> None:
        """Start none of the claims, or go on with them; those that run are not affected."""
        self._is_paused = is_paused
        if not is_paused:
            self._start()

    def release_buffered(self) -> None:
        """Release what has not started."""
        while self.buffer:
            claim = self.buffer.popleft()
            self.completions.add(claim, Release(is_suspect=self._clear_suspicion(claim)))

    def interrupt(self) -> None:
        """Ask running jobs to stop, and release what has not started."""
        self.release_buffered()
        for execution in list(self.running.values()):
            execution.interrupt()

    def cancel(self, job_id: UUID) -> bool:
        """Cancel a job; return False if this lane does not hold it.

        The row fails once the work has really ended, unless it still succeeds by then.
        """
        claim = self.held.get(job_id.hex)
        if claim is None or claim in self.completions:
            return False
        if claim in self.running:
            self.running[claim].cancel()
        else:
            running = self._successors.running_before(claim)
            if running is None:
                self.buffer.remove(claim)
            else:
                self._successors.pop(running)
                self.running[running].cancel()
            self._complete(claim, Cancelled(CANCELLED))
            self._events.job_ended()
        return True

    def distrust_successes(self) -> None:
        """Retry what ran before a failover, except what its own transaction committed."""
        self.release_buffered()
        self._distrusted.update(self.running)
        for claim, transition in list(self.completions.items()):
            if isinstance(transition, Succeed):
                self._complete(claim, _FAILED_OVER)
        for claim, transition in self.refused_completions.clear():
            self.held[claim.key] = claim
            if isinstance(transition, Succeed):
                self._complete(claim, _FAILED_OVER)
            else:
                self.completions.add(claim, transition)
        self._events.job_ended()

    def adopt(self, claims: list[Claim], outcome: Outcome) -> None:
        """Complete claims that the lane did not hold although the database says so."""
        for claim in claims:
            self.held[claim.key] = claim
            self._complete(claim, outcome)
        self._events.job_ended()

    def drop_claims(self) -> None:
        """Forget all claims: they are lost, and nothing about them may be written."""
        self.buffer.clear()
        self.completions.clear()
        self.suspects.clear()
        self.refused_completions.clear()
        self.held.clear()
        self._successors.clear()

    def due_completions(self) -> Mapping[Claim, Transition]:
        """Return the completions to write now."""
        return {} if self.schedule.is_table_locked() else self.completions.due()

    def has_completions(self) -> bool:
        """Return whether the completer has anything to do for the lane, now or later."""
        return bool(self.completions or self.refused_completions or self.slot_freed)

    def next_completion_at(self) -> float:
        """Return when the first deferred completion is due; infinity without one."""
        refused = self.refused_completions
        refused_at = refused.due_at() if refused else math.inf
        pending_at = self.completions.due_at() if self.completions else math.inf
        return max(min(refused_at, pending_at), self.schedule.locked_until)

    def completed(self, claims: list[Claim]) -> None:
        """Drop claims whose completions are in the database."""
        for claim in claims:
            if self.completions.drop(claim):
                del self.held[claim.key]
        self.slot_freed = self._is_limited
        self.refused.retry_conflicts()

    def refuse(self, claim: Claim, transition: Transition) -> bool:
        """Free the slot of a job whose completion the database refuses; return if it is news."""
        if self.completions.drop(claim):
            del self.held[claim.key]
        self.slot_freed = self._is_limited
        return self.refused_completions.add(claim, transition)

    def count_failure(self, transition: Transition) -> None:
        """Count a job that could not get its status, unless `transition` was counted before."""
        self.failures += not isinstance(transition, Retry | Fail)

    def report_completion_error(self, error: str | None) -> None:
        """Log why nothing can be completed, each reason once; None: completions work again."""
        if error != self._completion_error:
            if error:
                log.error("cannot complete jobs of %s: %s", self.name, error)
            else:
                log.info("completing %s again", self.name)
        self._completion_error = error

    def report_fetch_error(self, error: str | None) -> None:
        """Log why nothing can be claimed, each reason once; None: claims work again."""
        kind = without_numbers(error) if error else None
        if kind != self._fetch_error:
            if error:
                log.error("cannot claim jobs of %s: %s", self.name, error)
            else:
                log.info("claiming %s again", self.name)
        self._fetch_error = kind

    def report_poll_error(self, error: str | None) -> None:
        """Log why the table cannot be searched for due jobs, each reason once; None: it can."""
        kind = without_numbers(error) if error else None
        if kind != self._poll_error:
            if error:
                log.error("cannot look for jobs of %s: %s", self.name, error)
            else:
                log.info("looking for jobs of %s again", self.name)
        self._poll_error = kind

    def report_locked_table(self) -> None:
        """Leave the table alone for a while, because another session has locked it."""
        self.schedule.table_locked()
        self.report_fetch_error("table is locked")

    def close_quarantine(self) -> None:
        """End the processes of suspects, once none is left."""
        self.has_crashed = False
        self.runners.close_quarantine()

    def close(self) -> None:
        """Release the lane's threads; no job may start any more."""
        self.runners.close()

    def _supersede(self, claim: Claim, successor: Claim) -> bool:
        """Forget a claim whose row was claimed again: its completion or release took effect.

        Returns:
            Whether its attempt still runs, so that the successor must wait for its end.
        """
        self.completions.drop(claim)
        if claim in self.buffer:
            self.buffer.remove(claim)
            self._clear_suspicion(claim)
        running = self._successors.running_before(claim) or claim
        if running not in self.running:
            return False
        log.warning(
            "%s %s was changed and claimed again while it runs: it runs again after that",
            self.name,
            claim.id,
        )
        self._successors.add(running, successor)
        return True

    def _succeed_lost_claim(self, claim: Claim) -> None:
        """Let the claim of the row that waited for the end of `claim` have its turn."""
        successor = self._successors.pop(claim)
        if successor is None or self.held.get(successor.key) is not successor:
            return
        if self._is_stopped:
            self.completions.add(successor, Release(is_suspect=self._clear_suspicion(successor)))
        else:
            self.buffer.append(successor)

    def _start(self) -> None:
        """Fill the free slots."""
        if self._is_starting or self._is_paused:
            return  # A job has ended at once: the loop below continues by itself.
        self._is_starting = True
        try:
            more = self._start_for_a_while()
        finally:
            self._is_starting = False
        if self.completions:
            self._events.job_ended()
        if more:
            # After the loops that this has woken: the next claim is to be in progress meanwhile.
            self._loop.call_soon(self._start)

    def _start_for_a_while(self) -> bool:
        """Start jobs for START_SECONDS; return whether more could start at once."""
        until = self._loop.time() + START_SECONDS
        while self.buffer and len(self.running) < self.slots:
            now = self._loop.time()
            if now > until:
                return True
            claim = self.buffer.popleft()
            record = claim.take_record()
            if isinstance(record, UnreadableRow):
                self._complete(claim, Failed(record.error))
            else:
                self._execute(claim, record, now)
        return False

    def _execute(self, claim: Claim, record: JobRecord, now: float) -> None:
        on_end = partial(self._execution_ended, claim, now)
        # Not the variables of the job that ended just now.
        variables = self._variables.copy()
        runners = self.runners
        execution = Execution(
            record,
            self._context(claim),
            runners.for_suspects() if claim in self.suspects else runners.regular,
            on_end,
            loop=self._loop,
            variables=variables,
        )
        if not execution.ended:
            self.running[claim] = execution

    def _execution_ended(self, claim: Claim, started: float, outcome: Outcome | Committed) -> None:
        if not self.suspects or claim not in self.suspects:
            self.prefetch.record_duration(self._loop.time() - started)
        self.running.pop(claim, None)
        if self._distrusted and claim in self._distrusted:
            self._distrusted.discard(claim)
            outcome = _FAILED_OVER if isinstance(outcome, Succeeded) else outcome
        # A lost claim is no longer held, and its row belongs to others.
        if self.held.get(claim.key) is claim and claim not in self.completions:
            if isinstance(outcome, Committed):
                del self.held[claim.key]
                self.slot_freed = self._is_limited
                self.refused.retry_conflicts()
            else:
                self._complete(claim, outcome)
        if self.suspects:
            self.suspects.discard(claim)
        if self._successors:
            self._succeed_lost_claim(claim)
        if not self._is_starting:
            self._start()
            self._events.job_ended()

    def _clear_suspicion(self, claim: Claim) -> bool:
        """Forget that a claim is of a suspect; return whether it was."""
        if claim not in self.suspects:
            return False
        self.suspects.remove(claim)
        return True

    def _complete(self, claim: Claim, outcome: Outcome) -> None:
        was_suspect = bool(self.suspects) and self._clear_suspicion(claim)
        if isinstance(outcome, Succeeded):
            self.completions.add(claim, _SUCCEED)
            if log.isEnabledFor(logging.DEBUG):
                self._log(claim, _SUCCEED)
            return
        transition = decide_transition(
            outcome,
            attempts=claim.attempts,
            max_attempts=self.job.max_attempts,
            backoff=self.job.backoff,
            name=self.name,
        )
        if was_suspect and isinstance(outcome, Crashed | Interrupted):
            self.has_crashed |= isinstance(outcome, Crashed)
            if isinstance(transition, Retry | Release):
                transition = replace(transition, is_suspect=True)
        self.completions.add(claim, transition)
        self.failures += isinstance(transition, Retry | Fail)
        self._log(claim, transition)

    def _log(self, claim: Claim, transition: Transition) -> None:
        with log_as(self._context(claim)):
            log_transition(transition, claim.attempts)

    def _context(self, claim: Claim) -> JobContext:
        statement = self._success_statement
        return JobContext(self.name, self.table, claim.id, claim.attempts, claim.fence, statement)
